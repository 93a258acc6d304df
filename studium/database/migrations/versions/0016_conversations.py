"""Conversations with the tutor: sessions and their turns, seen by their owner alone, told as they grow."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
create table app.chat_sessions (
    session_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    course_id text not null,
    title text check (length(title) between 1 and 200),
    mode text not null default 'answer' check (mode in ('answer', 'hints', 'socratic', 'quiz')),
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
comment on table app.chat_sessions is 'Conversations of one account with the tutor of one course.';
comment on column app.chat_sessions.title is 'The first question, shortened, until its owner names it.';
create index on app.chat_sessions (account_id, updated_at desc, session_id desc);

create table app.chat_turns (
    turn_id uuid primary key default gen_random_uuid(),
    session_id uuid not null references app.chat_sessions on delete cascade,
    number integer not null,
    client_message_id uuid not null,
    content text not null,
    mode text not null check (mode in ('answer', 'hints', 'socratic', 'quiz')),
    rung integer,
    standalone text,
    status text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed', 'stopped')),
    attempt integer not null default 0,
    claimed_by text,
    touched_at timestamptz,
    text text not null default '',
    answer jsonb,
    error text,
    model text,
    route text,
    prompt_version text,
    retrieved jsonb,
    tokens_in integer not null default 0,
    tokens_out integer not null default 0,
    cost numeric not null default 0,
    currency text,
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    first_chunk_ms integer,
    total_ms integer,
    unique (session_id, number),
    unique (session_id, client_message_id),
    check ((status = 'done') = (answer is not null)),
    check ((status in ('done', 'failed', 'stopped')) = (finished_at is not null))
);
comment on table app.chat_turns is
    'A question and its answer. The question is committed before it is answered, the answer before its end is told.';
comment on column app.chat_turns.attempt is 'How often somebody began to answer; only the last one''s text counts.';
comment on column app.chat_turns.claimed_by is 'The process that answers (studium.claimants).';
comment on column app.chat_turns.touched_at is 'When that process last gave a sign of life.';
comment on column app.chat_turns.text is 'What has been said so far, as it is told.';
comment on column app.chat_turns.answer is 'studium.wire.chat.ChatAnswer.';
comment on column app.chat_turns.standalone is 'The question as it reads without the conversation before it.';
comment on column app.chat_turns.model is 'Null: no model, the course was quoted.';
comment on column app.chat_turns.route is 'Why this model.';
comment on column app.chat_turns.retrieved is 'What was found, with scores.';
comment on column app.chat_turns.first_chunk_ms is 'From the question to the first words.';
"""

TELLING = """
create function app.tell_chat() returns trigger language plpgsql as $$
begin
    perform pg_notify('studium_chat', coalesce(new.session_id, old.session_id)::text);
    return null;
end
$$;
create trigger tell_chat after insert or update on app.chat_turns for each row execute function app.tell_chat();
create trigger tell_chat after delete on app.chat_sessions for each row execute function app.tell_chat();
alter function app.tell_chat() owner to studium_owner;
revoke execute on function app.tell_chat() from public;
"""

# Who teaches a course reads nobody's conversation either.
SECURITY = """
do $$
declare
    name text;
begin
    foreach name in array array['chat_sessions', 'chat_turns'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
        execute format('grant select, insert, update, delete on app.%I to studium_api', name);
    end loop;
end
$$;
create policy api_own on app.chat_sessions to studium_api
    using (account_id = app.current_account()) with check (account_id = app.current_account());
create policy api_own on app.chat_turns to studium_api
    using (session_id in (select s.session_id from app.chat_sessions as s where s.account_id = app.current_account()))
    with check (
        session_id in (select s.session_id from app.chat_sessions as s where s.account_id = app.current_account())
    );
"""


def upgrade() -> None:
    for statements in (TABLES, TELLING, SECURITY):
        op.execute(statements)
