"""A changed password ends the sign-ins made with the old one, and says so."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REASONS = """
alter table app.token_families
    drop constraint token_families_ended_because_check,
    add constraint token_families_ended_because_check
        check (ended_because in ('signed_out', 'reused', 'password_changed'));
"""


def upgrade() -> None:
    op.execute(REASONS)
