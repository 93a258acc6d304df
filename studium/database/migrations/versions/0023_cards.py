"""Cards: decks, what is remembered of each card, every review for ever, and how somebody wants to study.

The SQL lies beside this file, in the order in which it runs.
"""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PARTS = ("tables", "reviews", "settings", "security")


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    cursor = op.get_bind().connection.cursor()
    for part in PARTS:
        cursor.execute(Path(__file__).with_suffix("").joinpath(f"{part}.sql").read_text())
