create table app.memory_parameters (
    account_id uuid primary key references app.accounts on delete cascade,
    parameters double precision[] not null check (cardinality(parameters) = 21),
    scheduler_version text not null,
    fitted_at timestamptz not null default clock_timestamp(),
    run_id text
);
comment on table app.memory_parameters is
'FSRS-6 parameters in use for a learner, because they predicted that learner''s later reviews better. No row: the defaults.';
comment on column app.memory_parameters.run_id is 'Dagster''s run that fitted them.';

create table app.study_settings (
    account_id uuid not null references app.accounts on delete cascade,
    course_id text not null,
    scheduler text not null default 'fsrs' check (scheduler in ('fsrs', 'sm2')),
    desired_retention double precision not null default 0.9 check (desired_retention between 0.7 and 0.99),
    new_per_day integer not null default 20 check (new_per_day between 0 and 9999),
    easy_days integer[] not null default '{100,100,100,100,100,100,100}'
    check (cardinality(easy_days) = 7 and 0 <= all (easy_days) and 100 >= all (easy_days)),
    target_exam_date date,
    minutes_a_day integer check (minutes_a_day between 1 and 1440),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (account_id, course_id)
);
comment on table app.study_settings is 'How somebody wants to study a course; no row: as the defaults say.';
comment on column app.study_settings.course_id is 'Empty: cards of no course.';
comment on column app.study_settings.desired_retention is 'How likely a card shall be known when it is asked again.';
comment on column app.study_settings.easy_days is 'Percent of the usual reviews on each day of the week, Monday first.';
