-- What a site said of a course at a moment, where it stands in the lake, and what was left of a course when it went.
create table raw.course_syncs (
    site_id text not null,
    course_id bigint not null,
    synced_at timestamptz not null,
    sha256 text not null,
    object_path text not null,
    account jsonb not null default '{}',
    approved_at timestamptz,
    primary key (site_id, course_id, synced_at)
);
comment on table raw.course_syncs is 'Snapshots that differ from the one before; the newest of these and of the backups is the course.';
comment on column raw.course_syncs.approved_at is 'When a person let it through although much of the course is gone in it.';
create table raw.tombstones (
    site_id text not null,
    course_id bigint not null,
    table_name text not null,
    row_key jsonb not null,
    title text,
    gone_at timestamptz not null,
    primary key (site_id, course_id, table_name, row_key)
);
comment on table raw.tombstones is 'Rows Moodle no longer has; one that comes back has none.';
create table raw.gone_courses (
    site_id text not null,
    course_id bigint not null,
    gone_at timestamptz not null,
    primary key (site_id, course_id)
);
comment on table raw.gone_courses is 'Courses their site knows no longer: their rows stay, and nobody finds anything in them.';
do $$
declare
    name text;
begin
    foreach name in array array['course_syncs', 'tombstones', 'gone_courses'] loop
        execute format('alter table raw.%I owner to studium_owner', name);
        execute format('grant select, insert, update, delete on raw.%I to studium_pipeline', name);
        execute format('grant select on raw.%I to studium_warehouse', name);
    end loop;
end
$$;

create table app.course_sync (
    course_id text primary key,
    shortname text,
    sync_enabled boolean not null default true,
    state text not null default 'never' check (state in ('never', 'idle', 'running', 'held', 'failed', 'gone')),
    fingerprint text,
    last_scanned_at timestamptz,
    last_synced_at timestamptz,
    last_changed_at timestamptz,
    held jsonb,
    skipped jsonb not null default '[]',
    account jsonb not null default '{}',
    error text
);
comment on table app.course_sync is 'How a course stands with its Moodle; one row a course the service account was shown.';
comment on column app.course_sync.course_id is 'site:course.';
comment on column app.course_sync.fingerprint is 'Of what a scan looks at, when the course was last synced.';
comment on column app.course_sync.held is 'What is gone in a snapshot that waits for a person, by table.';
comment on column app.course_sync.skipped is 'What the site did not tell at the last sync, and why.';
comment on column app.course_sync.account is 'What the last sync cost: calls, bytes, seconds.';
alter table app.course_sync owner to studium_owner;
alter table app.course_sync enable row level security;
alter table app.course_sync force row level security;
create policy owner_all on app.course_sync to studium_owner using (true) with check (true);
create policy pipeline_all on app.course_sync to studium_pipeline using (true) with check (true);
create policy api_read on app.course_sync for select to studium_api
using (
    (select app.is_admin())
    or course_id in (select app.enrolled_course_ids())
    or course_id in (select app.instructed_course_ids())
);
create policy api_switch on app.course_sync for update to studium_api
using ((select app.is_admin()) or course_id in (select app.instructed_course_ids()))
with check ((select app.is_admin()) or course_id in (select app.instructed_course_ids()));
grant select on app.course_sync to studium_api;
grant update (sync_enabled) on app.course_sync to studium_api;
grant select, insert, update, delete on app.course_sync to studium_pipeline;
