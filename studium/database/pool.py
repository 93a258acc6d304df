"""Connections by role. A process speaks to PostgreSQL as the role of its work, never as the owner of what it reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from psycopg import Connection
from psycopg import connect as psycopg_connect
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from studium.database import embedded
from studium.settings import Settings


class Role(StrEnum):
    """The database roles; `ADMIN` migrates and nothing else."""

    ADMIN = "admin"
    API = "studium_api"
    PIPELINE = "studium_pipeline"
    READER = "studium_reader"


def conninfo(settings: Settings, role: Role) -> str:
    """Connection string for `role`.

    The embedded server trusts its socket, so the role itself logs in. A server of the user's own is entered with
    `STUDIUM_DATABASE_URL` and the session takes the role at once.
    """
    if settings.database_url is None:
        url = embedded.start(settings)
        return url if role is Role.ADMIN else make_conninfo(url, user=role.value)
    url = settings.database_url.get_secret_value()
    return url if role is Role.ADMIN else make_conninfo(url, options=f"-c role={role.value}")


def connect(settings: Settings, role: Role, *, autocommit: bool = False) -> Connection:
    """One connection as `role`; use it as a context manager."""
    return psycopg_connect(conninfo(settings, role), autocommit=autocommit)


def open_pool(settings: Settings, role: Role) -> ConnectionPool:
    """An open pool of connections as `role`; close it when the process ends.

    A connection is tried before it is lent: after a restart of the database the dead ones are replaced, not handed out.
    """
    pool = ConnectionPool(
        conninfo(settings, role),
        min_size=2,
        max_size=max(2, settings.pool_size),
        check=ConnectionPool.check_connection,
        open=False,
    )
    pool.open(wait=True)
    return pool


def assume(connection: Connection, account_id: UUID | None, as_of: datetime | None = None) -> None:
    """Bind the transaction to an account: row-level security and retrieval read it from here.

    Args:
        connection: one inside a transaction; the binding ends with it.
        account_id: the account that asks; `None` sees nothing that belongs to anybody.
        as_of: the moment permission is asked for; `None` means now. Naive times are refused.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise ValueError("as_of must carry a time zone")
    connection.execute(
        "select set_config('studium.account_id', %s, true), set_config('studium.as_of', %s, true)",
        [str(account_id or ""), as_of.isoformat() if as_of else ""],
    )


@contextmanager
def acting_as(connection: Connection, account_id: UUID, as_of: datetime | None = None) -> Iterator[Connection]:
    """A transaction bound to `account_id`."""
    with connection.transaction():
        assume(connection, account_id, as_of)
        yield connection
