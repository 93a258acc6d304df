"""Practice: questions and how hard they are, every answer with the estimate before and after, and study sessions.

The SQL lies beside this file, in the order in which it runs.
"""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

PARTS = ("questions", "attempts", "quizzes", "security")


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    cursor = op.get_bind().connection.cursor()
    for part in PARTS:
        cursor.execute(Path(__file__).with_suffix("").joinpath(f"{part}.sql").read_text())
