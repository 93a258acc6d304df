"""Moodle's own database, as far as its log is concerned: rows of logstore_standard_log in the order of their ids.

Nothing is written there and nothing is held: short statements, each with a limit, in a session that can only read.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import polars as pl
from pydantic import SecretStr
from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    NullPool,
    Select,
    TableClause,
    column,
    create_engine,
    func,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from studium.moodle.logs.days import SCHEMA
from studium.moodle.logs.format import LogError

BATCH = 50_000
TIMEOUT_SECONDS = 60
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_PREFIX = re.compile(r"[A-Za-z0-9_]{0,20}")


class MoodleDatabaseError(LogError):
    """Moodle's database cannot be read; the message says why and never holds the password."""


class LogDatabase:
    """A session on Moodle's database that can only read."""

    def __init__(self, connection: Connection, prefix: str) -> None:
        """Wrap a connection; `open_database` makes one."""
        self._connection = connection
        self._log = log_table(prefix)
        self._config = table(f"{prefix}config", column("name"), column("value"))

    @property
    def server(self) -> str:
        """The kind of server: postgresql, mysql or mariadb."""
        dialect = self._connection.dialect
        return "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name

    def identifier_hash(self) -> str | None:
        """The site's own name for itself, as its backups hash it; none where the session may read the log alone."""
        wanted = select(self._config.c.value).where(self._config.c.name == "siteidentifier")
        try:
            value = self._connection.execute(wanted).scalar()
        except DBAPIError:
            return None
        return hashlib.md5(str(value).encode(), usedforsecurity=False).hexdigest() if value else None

    def newest(self) -> int:
        """The highest id there is, 0 when there is no row."""
        with _told(self._connection.engine.url):
            return int(self._connection.execute(select(func.max(self._log.c.id))).scalar() or 0)

    def read(self, after: int, until: int, size: int = BATCH) -> Iterator[pl.DataFrame]:
        """The rows with `after < id <= until` in the order of ids, `size` at a time."""
        while True:
            with _told(self._connection.engine.url):
                rows = self._connection.execute(batch(self._log, after, until, size)).all()
            if not rows:
                return
            after = rows[-1][0]
            yield pl.DataFrame([tuple(row) for row in rows], SCHEMA, orient="row")

    @classmethod
    @contextmanager
    def open(cls, url: SecretStr) -> Iterator[Self]:
        """Connect to `STUDIUM_MOODLE_DATABASE_URL`.

        Raises:
            MoodleDatabaseError: the URL is none, or the server cannot be reached.
        """
        address, prefix = _parse(url)
        engine = create_engine(
            address,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args={"connect_timeout": 10},
        )
        with _told(address):
            connection = engine.connect()
        with connection:
            with _told(address):
                for statement in session_statements(connection.dialect):
                    connection.exec_driver_sql(statement)
            yield cls(connection, prefix)


def log_table(prefix: str) -> TableClause:
    """Moodle's log, as far as it is read."""
    return table(f"{prefix}logstore_standard_log", *(column(name) for name in SCHEMA))


def batch(log: TableClause, after: int, until: int, size: int) -> Select[Any]:
    """The first `size` rows with `after < id <= until`."""
    return select(*log.c).where(log.c.id > after, log.c.id <= until).order_by(log.c.id).limit(size)


def _parse(url: SecretStr) -> tuple[URL, str]:
    """The URL with its driver, and the prefix of the tables."""
    try:
        given = make_url(url.get_secret_value())
        driver = DRIVERS[given.get_backend_name()]
    except (ArgumentError, NoSuchModuleError, KeyError, ValueError):
        raise MoodleDatabaseError(
            "STUDIUM_MOODLE_DATABASE_URL should read like postgresql://user:password@host/moodle or mysql://..."
        ) from None
    prefix = given.query.get("prefix", "mdl_")
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        raise MoodleDatabaseError("the prefix in STUDIUM_MOODLE_DATABASE_URL is no prefix of Moodle's tables")
    return given.difference_update_query(["prefix"]).set(drivername=driver), prefix


def session_statements(dialect: Dialect) -> list[str]:
    """What makes a session read only and its statements short."""
    if dialect.name == "postgresql":
        return ["set default_transaction_read_only = on", f"set statement_timeout = '{TIMEOUT_SECONDS}s'"]
    limit = (
        f"max_statement_time = {TIMEOUT_SECONDS}"
        if getattr(dialect, "is_mariadb", False)
        else f"max_execution_time = {TIMEOUT_SECONDS * 1000}"
    )
    return ["set session transaction read only", f"set session {limit}"]


@contextmanager
def _told(url: URL) -> Iterator[None]:
    """Errors of the server as ours: in its words, without the statement and without the password."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip()
        if url.password:
            said = said.replace(str(url.password), "***")
        raise MoodleDatabaseError(f"Moodle's database cannot be read: {said}") from None
