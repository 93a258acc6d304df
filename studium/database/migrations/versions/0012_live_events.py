"""The outbox of live events, in the order of their commits, and the notifications that wake who reads it."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = """
create table app.live_events (
    event_id bigint generated always as identity primary key,
    course_id text not null,
    kind text not null check (kind in ('sync:start', 'sync:progress', 'sync:complete')),
    payload jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp()
);
comment on table app.live_events is 'What happens to courses, told to their people as it happens; kept for days.';
create index on app.live_events (course_id, event_id desc);
create index on app.live_events (created_at);
alter table app.live_events owner to studium_owner;
alter table app.live_events enable row level security;
alter table app.live_events force row level security;
create policy owner_all on app.live_events to studium_owner using (true) with check (true);
create policy pipeline_all on app.live_events to studium_pipeline using (true) with check (true);
create policy api_read on app.live_events for select to studium_api using (
    course_id in (select app.enrolled_course_ids())
    or course_id in (select app.instructed_course_ids())
    or (select app.is_admin())
);
grant select on app.live_events to studium_api;
grant select, insert, delete on app.live_events to studium_pipeline;

create function app.live_span() returns table (oldest bigint, newest bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp rows 1 as $$
    select coalesce(min(event_id), 0), coalesce(max(event_id), 0) from app.live_events
$$;
"""

# Before the statement draws its ids: a reader who has seen event 7 must never meet event 6, committed later.
ORDER = """
create function app.order_live_events() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7318221);
    return null;
end
$$;
create function app.tell_live_event() returns trigger language plpgsql as $$
begin
    perform pg_notify('studium_live', new.event_id::text);
    return null;
end
$$;
create trigger order_live_events before insert on app.live_events
    for each statement execute function app.order_live_events();
create trigger tell_live_event after insert on app.live_events
    for each row execute function app.tell_live_event();
"""

# A socket outlives the request that opened it: when what proved its owner ends, it hears of that at once.
SIGNED_OUT = """
create function app.tell_signed_out() returns trigger language plpgsql as $$
begin
    perform pg_notify('studium_signed_out', old.account_id::text);
    return null;
end
$$;
create trigger tell_signed_out after delete on app.sessions
    for each row execute function app.tell_signed_out();
create trigger tell_signed_out after update of ended_at on app.token_families
    for each row when (new.ended_at is not null) execute function app.tell_signed_out();
create trigger tell_signed_out after update of disabled_at on app.accounts
    for each row when (new.disabled_at is not null) execute function app.tell_signed_out();
"""

RIGHTS = """
do $$
declare
    name text;
begin
    foreach name in array array['live_span()', 'order_live_events()', 'tell_live_event()', 'tell_signed_out()'] loop
        execute format('alter function app.%s owner to studium_owner', name);
        execute format('revoke execute on function app.%s from public', name);
    end loop;
end
$$;
grant execute on function app.live_span() to studium_api, studium_pipeline;
"""


def upgrade() -> None:
    for statements in (TABLE, ORDER, SIGNED_OUT, RIGHTS):
        op.execute(statements)
