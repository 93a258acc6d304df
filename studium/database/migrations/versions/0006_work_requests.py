"""Requests for pipeline work, which a runner or a Dagster sensor picks up; and the schema of Dagster's own tables."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = """
create table app.work_requests (
    request_id uuid primary key default gen_random_uuid(),
    kind text not null check (kind in ('upload', 'import_backup', 'import_logs', 'import_file', 'warehouse')),
    payload jsonb not null default '{}',
    requested_by uuid references app.accounts on delete set null,
    status text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed')),
    progress text,
    outcome jsonb not null default '{}',
    error text,
    dagster_run_id text,
    attempts integer not null default 0,
    claimed_until timestamptz,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz
);
comment on column app.work_requests.claimed_until is 'A claim that is not renewed by then belongs to a dead process.';
comment on column app.work_requests.progress is 'The step under way, in words.';
create index on app.work_requests (status, created_at);
create index on app.work_requests (requested_by, created_at desc);
alter table app.work_requests owner to studium_owner;
alter table app.work_requests enable row level security;
alter table app.work_requests force row level security;
create policy owner_all on app.work_requests to studium_owner using (true) with check (true);
create policy pipeline_all on app.work_requests to studium_pipeline using (true) with check (true);
create policy api_read on app.work_requests for select to studium_api
    using (requested_by = app.current_account() or app.is_admin());
create policy api_submit on app.work_requests for insert to studium_api
    with check (requested_by = app.current_account());
grant select, insert on app.work_requests to studium_api;
grant select, insert, update, delete on app.work_requests to studium_pipeline;
"""

DAGSTER = "create schema if not exists dagster authorization studium_pipeline"


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(DAGSTER)
