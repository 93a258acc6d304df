"""Fuse what vectors and words find by their scores, and count how often a question says a word.

The SQL lies beside this file, in the order in which it runs.
"""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    cursor = op.get_bind().connection.cursor()
    for part in ("question", "search"):
        cursor.execute(Path(__file__).with_suffix("").joinpath(f"{part}.sql").read_text())
