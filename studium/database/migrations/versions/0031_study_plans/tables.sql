create table app.memory_fits (
    fit_id uuid primary key default uuidv7(),
    account_id uuid not null references app.accounts on delete cascade,
    verdict text not null check (verdict in ('too_few', 'no_better', 'promoted')),
    reviews integer not null check (reviews >= 0),
    tested integer not null check (tested >= 0),
    judged_from timestamptz,
    in_use double precision[] not null check (cardinality(in_use) = 21),
    parameters double precision[] check (cardinality(parameters) = 21),
    before jsonb,
    after jsonb,
    gain jsonb,
    scheduler_version text not null,
    fitted_at timestamptz not null,
    run_id text,
    check ((verdict = 'too_few') = (parameters is null)),
    check ((parameters is null) = (judged_from is null))
);
comment on table app.memory_fits is
'Each time FSRS was fitted to a learner''s reviews, and how well the fit foretold later ones that it had not seen.';
comment on column app.memory_fits.reviews is 'All there were; a fit is made again when there are enough more.';
comment on column app.memory_fits.tested is 'Those a day or more after the card''s review before: what can be learnt from.';
comment on column app.memory_fits.judged_from is 'Reviews before this moment were fitted to, those from it on foretold.';
comment on column app.memory_fits.in_use is 'Parameters it was compared with.';
comment on column app.memory_fits.before is 'studium.wire.plan.Agreement of the parameters in use with the later reviews.';
comment on column app.memory_fits.after is 'The same of the fit.';
comment on column app.memory_fits.gain is 'How much less log-loss the fit has, with its interval of nineteen in twenty.';
create index on app.memory_fits (account_id, fitted_at desc);

create table app.study_plans (
    account_id uuid not null references app.accounts on delete cascade,
    course_id text not null,
    target_exam_date date not null,
    minutes_a_day integer not null,
    plan jsonb not null,
    made_at timestamptz not null,
    run_id text,
    primary key (account_id, course_id)
);
comment on table app.study_plans is 'The way to an exam as it was last worked out; made anew at night and after a session.';
comment on column app.study_plans.minutes_a_day is 'For which it was made.';
comment on column app.study_plans.plan is 'studium.wire.plan.Outlook.';

do $$
declare
    name text;
begin
    foreach name in array array['memory_fits', 'study_plans'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
        execute format(
            'create policy api_own on app.%I for select to studium_api using (account_id = app.current_account())', name
        );
        execute format('create policy pipeline_all on app.%I to studium_pipeline using (true) with check (true)', name);
        execute format('grant select on app.%I to studium_api', name);
        execute format('grant select, insert, update, delete on app.%I to studium_pipeline', name);
    end loop;
end
$$;

-- One open request a learner, which whoever asks again joins.
alter table app.work_requests drop constraint work_requests_kind_check;
alter table app.work_requests add constraint work_requests_kind_check
check (kind in ('upload', 'import_backup', 'import_logs', 'import_file', 'warehouse', 'sync', 'questions', 'plan'));
create unique index one_open_plan on app.work_requests ((payload ->> 'account_id'))
where kind = 'plan' and status in ('queued', 'running');
