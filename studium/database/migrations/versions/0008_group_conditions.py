"""The warehouse may ask the rule of availability about groups: a learner's total leaves out other groups' pages."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ASKED = """
content.availability_holds(jsonb, boolean, content.visit), content.condition_holds(jsonb, boolean, content.visit),
content.group_holds(jsonb, content.visit), content.grouping_holds(jsonb, content.visit), content.number_in(jsonb)
"""


def upgrade() -> None:
    op.execute(f"grant execute on function {ASKED} to studium_warehouse")


def downgrade() -> None:
    op.execute(f"revoke execute on function {ASKED} from studium_warehouse")
