"""Close what a learner read through their own link once nobody can tell that Moodle still shows it to them.

The SQL lies beside this file, in the order in which it runs.
"""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    cursor = op.get_bind().connection.cursor()
    for part in ("links", "permission"):
        cursor.execute(Path(__file__).with_suffix("").joinpath(f"{part}.sql").read_text())
