create table app.study_sessions (
    session_id uuid primary key default uuidv7(),
    account_id uuid not null references app.accounts on delete cascade,
    course_id text not null,
    started_at timestamptz not null,
    last_activity_at timestamptz not null,
    ended_at timestamptz,
    duration_seconds integer not null default 0 check (duration_seconds >= 0),
    questions_answered integer not null default 0,
    correct_answers integer not null default 0,
    cards_reviewed integer not null default 0,
    xp_earned integer not null default 0,
    check (started_at <= last_activity_at),
    check (ended_at is null or ended_at >= last_activity_at),
    check (correct_answers <= questions_answered)
);
comment on table app.study_sessions is 'Stretches of practice and review without a pause of half an hour.';
comment on column app.study_sessions.ended_at is 'When its last act was; null: somebody may be at it still.';
comment on column app.study_sessions.duration_seconds is 'From the first act to the last.';
create unique index one_open_session on app.study_sessions (account_id, course_id) where ended_at is null;
create index on app.study_sessions (account_id, started_at desc);

create table app.practice_attempts (
    attempt_id uuid primary key default uuidv7(),
    account_id uuid not null references app.accounts on delete cascade,
    course_id text not null,
    topic_id text,
    question_id uuid not null,
    session_id uuid references app.study_sessions on delete set null,
    idempotency_key text not null check (length(idempotency_key) between 1 and 200),
    answer_given jsonb not null,
    is_correct boolean not null,
    fraction double precision not null check (fraction between 0 and 1),
    guess_chance double precision not null check (guess_chance between 0 and 1),
    is_repeated boolean not null,
    time_taken_seconds double precision check (time_taken_seconds >= 0),
    confidence_level smallint check (confidence_level between 1 and 4),
    ability_before double precision not null,
    ability_after double precision not null,
    uncertainty_before double precision not null check (uncertainty_before > 0),
    uncertainty_after double precision not null check (uncertainty_after > 0),
    difficulty_before double precision not null,
    difficulty_after double precision not null,
    difficulty_uncertainty double precision not null check (difficulty_uncertainty > 0),
    p_correct double precision not null check (p_correct between 0 and 1),
    answered_at timestamptz not null,
    unique (account_id, idempotency_key)
);
comment on table app.practice_attempts is 'Every answer to a question, for ever, with the estimate before and after it.';
comment on column app.practice_attempts.topic_id is 'Of the question, when it was answered.';
comment on column app.practice_attempts.question_id is 'In app.practice_questions, as long as it is there.';
comment on column app.practice_attempts.idempotency_key is 'Chosen by who answers; the same again is the same answer.';
comment on column app.practice_attempts.fraction is 'The part of the mark; is_correct: all of it.';
comment on column app.practice_attempts.guess_chance is 'Of being right without knowing anything.';
comment on column app.practice_attempts.is_repeated is 'The learner had answered the question before: it tells half as much.';
comment on column app.practice_attempts.confidence_level is '1 guessing, 2 unsure, 3 fairly sure, 4 sure; said before the answer was judged.';
comment on column app.practice_attempts.ability_before is 'In the question''s topic, in logits; uncertainty is its standard deviation.';
comment on column app.practice_attempts.difficulty_uncertainty is 'Before; with it ability can be worked out anew from these rows.';
comment on column app.practice_attempts.p_correct is 'How likely a right answer was, said before it.';
create index on app.practice_attempts (account_id, course_id, answered_at);
create index on app.practice_attempts (question_id);
create trigger append_only before update on app.practice_attempts
for each row when (to_jsonb(new) - 'session_id' is distinct from to_jsonb(old) - 'session_id')
execute function app.refuse_change();
