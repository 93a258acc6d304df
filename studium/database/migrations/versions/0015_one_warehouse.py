"""One request for the warehouse waits at a time: whoever brings in rows joins it.

One that has been begun, even if it was given back since, is not joined: what it has read it does not read again.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# A begun request is outside the index, so that one given back never stands in the way of a newer one.
ONE = """
delete from app.work_requests as later using app.work_requests as earlier
where later.kind = 'warehouse' and later.status = 'queued' and later.started_at is null
    and earlier.kind = 'warehouse' and earlier.status = 'queued' and earlier.started_at is null
    and (earlier.created_at, earlier.request_id) < (later.created_at, later.request_id);
create unique index one_waiting_warehouse on app.work_requests (kind)
where kind = 'warehouse' and status = 'queued' and started_at is null;
"""


def upgrade() -> None:
    op.execute(ONE)
