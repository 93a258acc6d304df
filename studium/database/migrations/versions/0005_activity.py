"""Registered log files, what each import took from them, and the activity they roll up to."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LOGS = """
create table raw.log_files (
    site_id text not null,
    course_id bigint not null,
    sha256 text not null,
    object_path text not null,
    filename text not null,
    kind text not null check (kind in ('report_csv', 'store_csv', 'store_parquet')),
    byte_size bigint not null,
    timezone text,
    registered_at timestamptz not null default now(),
    primary key (site_id, course_id, sha256)
);
comment on table raw.log_files is 'Log files given to a course; the events are what all of them say together.';
comment on column raw.log_files.timezone is
    'Zone of the wall clock a report was written in; null for dumps, which hold UTC.';

create table raw.log_imports (
    site_id text not null,
    course_id bigint not null,
    sha256 text not null,
    rows_read bigint not null,
    rows_of_course bigint not null,
    rows_elsewhere bigint not null,
    accepted bigint not null,
    repeated bigint not null,
    refused bigint not null,
    unknown_events bigint not null,
    unknown_users bigint not null,
    guessed_times bigint not null,
    from_at timestamptz,
    to_at timestamptz,
    imported_at timestamptz not null default now(),
    primary key (site_id, course_id, sha256),
    foreign key (site_id, course_id, sha256) references raw.log_files on delete cascade
);
comment on column raw.log_imports.rows_of_course is 'accepted + refused; the rest of rows_read is rows_elsewhere.';
comment on column raw.log_imports.repeated is 'Accepted rows that a file registered earlier holds too.';
comment on column raw.log_imports.unknown_events is 'Accepted rows whose event the catalogue does not hold.';
comment on column raw.log_imports.unknown_users is
    'Accepted rows of a report that tell a person by a name nobody or several have.';
comment on column raw.log_imports.guessed_times is
    'Accepted rows in the repeated autumn hour whose half the order of rows does not tell.';
"""

ACTIVITY = """
create table raw.activity_daily (
    site_id text not null,
    course_id bigint not null,
    user_id bigint not null,
    cmid bigint not null,
    day date not null,
    origin text not null,
    events bigint not null,
    sessions bigint not null,
    active_seconds bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    loaded_at timestamptz not null default now(),
    primary key (site_id, course_id, user_id, cmid, day, origin)
);
comment on table raw.activity_daily is 'Events of a person in a module on a day; sums over any column are exact.';
comment on column raw.activity_daily.user_id is '0: nobody was signed in, or the log does not tell who.';
comment on column raw.activity_daily.cmid is '0: the course itself.';
comment on column raw.activity_daily.day is 'In the time zone of the site.';
comment on column raw.activity_daily.origin is
    'web, ws (apps and services alike), cli, restore, as (somebody signed in as this person), other.';
comment on column raw.activity_daily.sessions is 'Sessions that begin with an event of this row.';
comment on column raw.activity_daily.active_seconds is
    'Time from each event of this row to the next of its session; the closing event of a session adds none.';
comment on column raw.activity_daily.loaded_at is 'When the row last changed.';

create table raw.activity_events_daily (
    site_id text not null,
    course_id bigint not null,
    user_id bigint not null,
    cmid bigint not null,
    day date not null,
    origin text not null,
    event_name text not null,
    events bigint not null,
    loaded_at timestamptz not null default now(),
    primary key (site_id, course_id, user_id, cmid, day, origin, event_name)
);
comment on column raw.activity_events_daily.event_name is
    'Moodle''s event class; "?component/name" when a report tells one the catalogue does not hold.';

create table raw.activity_sessions (
    site_id text not null,
    course_id bigint not null,
    user_id bigint not null,
    origin text not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    day date not null,
    cmid bigint not null,
    modules bigint not null,
    events bigint not null,
    active_seconds bigint not null,
    loaded_at timestamptz not null default now(),
    primary key (site_id, course_id, user_id, origin, started_at)
);
comment on table raw.activity_sessions is
    'Presence of a person in a course without a gap of more than 30 minutes, web and apps together.';
comment on column raw.activity_sessions.origin is 'Origin of the first event.';
comment on column raw.activity_sessions.day is 'Day of the first event, in the time zone of the site.';
comment on column raw.activity_sessions.cmid is 'Module of the first event, 0 for the course itself.';
comment on column raw.activity_sessions.modules is 'Different modules visited.';
"""

TABLES = ("log_files", "log_imports", "activity_daily", "activity_events_daily", "activity_sessions")


def upgrade() -> None:
    op.execute(LOGS)
    op.execute(ACTIVITY)
    for table in TABLES:
        op.execute(f"alter table raw.{table} owner to studium_owner")
        op.execute(f"grant select, insert, update, delete on raw.{table} to studium_pipeline")
        op.execute(f"grant select on raw.{table} to studium_warehouse")
