"""`alembic upgrade head`, callable: brings the Alembic schemas to this version's shape."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from studium.database.pool import Role, connect, conninfo
from studium.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["conninfo"] = url
    return config


def upgrade(settings: Settings) -> None:
    """Apply what is missing. Safe to call twice, and from two processes (an advisory lock makes one wait).

    dbt's views read Alembic's tables and would hold a change back: they go first, and the next dbt build restores them.
    """
    if not pending(settings):
        return
    with connect(settings, Role.ADMIN) as connection:
        connection.execute("drop schema if exists staging cascade")
    command.upgrade(_config(conninfo(settings, Role.ADMIN)), "head")


def head() -> str | None:
    """The last migration of this version."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def pending(settings: Settings) -> bool:
    """Whether the database lacks a migration this version needs."""
    with connect(settings, Role.ADMIN) as connection:
        if connection.execute("select to_regclass('app.alembic_version')").fetchone() == (None,):
            return True
        row = connection.execute("select version_num from app.alembic_version").fetchone()
    return row is None or row[0] != head()
