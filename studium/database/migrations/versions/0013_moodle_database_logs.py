"""Logs read from Moodle's own database: how far, which days lie in the lake, and whose calls are Studium's own."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
create table raw.log_stores (
    site_id text primary key references raw.sites on delete cascade,
    last_id bigint not null,
    read_at timestamptz not null default now()
);
comment on table raw.log_stores is 'How far a site''s logstore_standard_log has been read from Moodle''s database.';
comment on column raw.log_stores.last_id is
    'The highest id read. The next reading begins a little before it: rows are committed out of the order of ids.';

create table raw.log_days (
    site_id text not null references raw.sites on delete cascade,
    course_id bigint not null,
    day date not null,
    events bigint not null,
    sha256 text not null,
    primary key (site_id, course_id, day)
);
comment on table raw.log_days is 'Files of the lake that hold what was read; one row per course and day (UTC).';
comment on column raw.log_days.course_id is '0: the site itself.';
comment on column raw.log_days.sha256 is 'Of the file''s bytes.';

create table raw.service_accounts (
    site_id text not null references raw.sites on delete cascade,
    user_id bigint not null,
    primary key (site_id, user_id)
);
comment on table raw.service_accounts is
    'Accounts through which Studium asks a Moodle; what they do by web services is nobody''s activity.';
"""

LOG_FILES = """
alter table raw.log_files drop constraint log_files_kind_check;
alter table raw.log_files add constraint log_files_kind_check
    check (kind in ('report_csv', 'store_csv', 'store_parquet', 'store_database'));
alter table raw.log_files alter column byte_size drop not null;
comment on column raw.log_files.byte_size is 'Null for rows read from Moodle''s database, which are many files.';
comment on column raw.log_files.sha256 is
    'Of the file; of rows read from Moodle''s database, of the hashes of their days: it changes when rows come.';
create unique index log_files_database_key on raw.log_files (site_id, course_id) where kind = 'store_database';
alter table raw.log_imports
    drop constraint log_imports_site_id_course_id_sha256_fkey,
    add foreign key (site_id, course_id, sha256) references raw.log_files on delete cascade on update cascade;
comment on column raw.activity_daily.origin is
    'web, ws (apps and services alike), cli, restore, as (somebody signed in as this person), '
    'service (Studium''s own calls, and the notes Moodle makes of any call), other.';
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(LOG_FILES)
    for table in ("log_stores", "log_days", "service_accounts"):
        op.execute(f"alter table raw.{table} owner to studium_owner")
        op.execute(f"grant select, insert, update, delete on raw.{table} to studium_pipeline")
        op.execute(f"grant select on raw.{table} to studium_warehouse")
