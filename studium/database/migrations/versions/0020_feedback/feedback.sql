create table app.reported_answers (
    report_id uuid primary key default gen_random_uuid(),
    course_id text not null,
    question text not null,
    answer jsonb not null,
    retrieved jsonb not null default '[]',
    is_withheld boolean not null,
    reason text not null check (reason in ('wrong', 'not_in_course', 'unclear', 'outdated', 'other')),
    words text,
    asked_on date not null,
    reported_on date not null default current_date,
    status text not null default 'open' check (status in ('open', 'corrected', 'dismissed')),
    handled_on date
);
comment on table app.reported_answers is
'Answers that a learner found bad and agreed to show to the course''s teachers: copies, without who asked, in which conversation, or at what hour.';
comment on column app.reported_answers.answer is 'studium.wire.questions.ReportedText: what rests on the course''s own material.';
comment on column app.reported_answers.is_withheld is 'Parts rest on the learner''s own files, or on what one group alone may see, and were left out.';
create index on app.reported_answers (course_id, status, reported_on);

create table app.chat_feedback (
    turn_id uuid primary key references app.chat_turns on delete cascade,
    verdict text not null check (verdict in ('up', 'down')),
    reason text check (reason in ('wrong', 'not_in_course', 'unclear', 'outdated', 'other')),
    words text check (length(words) between 1 and 1000),
    is_shared boolean not null default false,
    report_id uuid unique references app.reported_answers on delete set null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    check (verdict = 'down' or (reason is null and not is_shared)),
    check (verdict = 'up' or reason is not null)
);
comment on table app.chat_feedback is 'What a learner says of an answer; one a turn, theirs alone.';
comment on column app.chat_feedback.is_shared is 'The learner agreed that the course''s teachers see the question and the answer.';
comment on column app.chat_feedback.report_id is 'The copy they see. Only this side knows of the other.';
