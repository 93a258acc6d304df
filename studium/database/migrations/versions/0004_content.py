"""What people search: documents, chunks, passages, vectors and lexemes, and the one rule of who may see them.

The SQL lies beside this file, in the order in which it runs.
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PARTS = (
    "tables",
    "scopes",
    "spaces",
    "lexemes",
    "facts",
    "availability",
    "places",
    "permission",
    "hits",
    "search",
    "policies",
)


def upgrade() -> None:
    # psycopg's own cursor: `:` and `%` in the SQL are not parameters
    cursor = op.get_bind().connection.cursor()
    for part in PARTS:
        cursor.execute(Path(__file__).with_suffix("").joinpath(f"{part}.sql").read_text())
