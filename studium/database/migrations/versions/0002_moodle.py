"""`raw`: the tables of Moodle, as they land. One row per row of Moodle; ids are Moodle's own beside the site's name.

Nothing is derived here, and no key points at another table: a course is replaced whole, and dbt tests the joins.
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).with_suffix("")


def upgrade() -> None:
    for part in ("course", "people", "quizzes", "activities", "comments", "owners"):
        op.execute((SQL / f"{part}.sql").read_text())
