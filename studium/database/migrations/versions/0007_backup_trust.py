"""Whose word a backup is: one handed in by a course's instructor may speak for that course, and for nobody else's.

An administrator's backup vouches for its people; whom nobody vouched for cannot be given an account, because an address
written into a forged backup would otherwise become the account of whoever that person is in other courses.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BACKUPS = """
alter table raw.course_backups
    add column is_trusted boolean not null default true,
    add column refused_because text;
comment on column raw.course_backups.is_trusted is 'Handed in by an administrator or at the command line.';
comment on column raw.course_backups.refused_because is 'Why it was not loaded; it then speaks for nothing.';
update raw.course_backups b set is_trusted = not exists (
    select from app.work_requests w join app.accounts a on a.account_id = w.requested_by
    where w.kind = 'import_backup' and not a.is_admin and w.payload ->> 'course_id' = b.site_id || ':' || b.course_id
);
"""

PEOPLE = """
create table raw.unvouched_people (
    site_id text not null,
    user_id bigint not null,
    primary key (site_id, user_id)
);
comment on table raw.unvouched_people is
    'People whose user name or address only an instructor''s backup told: no account is made for or tied to them.';
alter table raw.unvouched_people owner to studium_owner;
grant select, insert, delete on raw.unvouched_people to studium_pipeline;
"""

# a request without an account is the command line's, and trusted: it must not become that by losing its account
REQUESTS = """
alter table app.work_requests
    drop constraint work_requests_requested_by_fkey,
    add foreign key (requested_by) references app.accounts on delete cascade;
"""


def upgrade() -> None:
    for statements in (BACKUPS, PEOPLE, REQUESTS):
        op.execute(statements)
