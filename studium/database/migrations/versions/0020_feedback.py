"""What people say of answers, what their teachers see and make of it, and what is asked in a course, without names.

The SQL lies beside this file, in the order in which it runs.
"""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PARTS = ("feedback", "reports", "made", "digests", "security")


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    cursor = op.get_bind().connection.cursor()
    for part in PARTS:
        cursor.execute(Path(__file__).with_suffix("").joinpath(f"{part}.sql").read_text())
