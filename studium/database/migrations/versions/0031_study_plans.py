"""What was tried to foretell each learner's memory better, and the plans to their exams.

The SQL lies beside this file.
"""

from pathlib import Path

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    op.get_bind().connection.cursor().execute(Path(__file__).with_suffix("").joinpath("tables.sql").read_text())
