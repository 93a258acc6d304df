"""Which process holds a request, so that another on its machine can tell when it is dead."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMN = """
alter table app.work_requests add column claimed_by text;
comment on column app.work_requests.claimed_by is
    'Machine, process and its start; null: whoever holds it cannot be looked for, and its time must run out.';
"""


def upgrade() -> None:
    op.execute(COLUMN)
