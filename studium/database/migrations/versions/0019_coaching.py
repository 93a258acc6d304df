"""Turns that go on with an earlier one, what a turn asks back, and the quizzes somebody is sitting.

The SQL lies beside this file, in the order in which it runs.
"""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    cursor = op.get_bind().connection.cursor()
    for part in ("turns", "quizzes"):
        cursor.execute(Path(__file__).with_suffix("").joinpath(f"{part}.sql").read_text())
