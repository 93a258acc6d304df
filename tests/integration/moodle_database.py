"""A Moodle's own database to read the log of: a database of its own on the embedded server, with recorded rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import polars as pl
import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from studium.database.pool import Role, conninfo
from studium.settings import Settings

IDENTIFIER = "a-site-of-its-ownmoodle.example.org"
PASSWORD = "s3cret/of+moodle"
DDL = """
create table {prefix}logstore_standard_log (
    id bigserial primary key,
    eventname varchar(255) not null default '',
    component varchar(100) not null default '',
    action varchar(100) not null default '',
    target varchar(100) not null default '',
    objecttable varchar(50),
    objectid bigint,
    crud varchar(1) not null default '',
    edulevel smallint not null default 0,
    contextid bigint not null default 1,
    contextlevel bigint not null,
    contextinstanceid bigint not null,
    userid bigint not null,
    courseid bigint,
    relateduserid bigint,
    anonymous smallint not null default 0,
    other text,
    timecreated bigint not null,
    origin varchar(10),
    ip varchar(45),
    realuserid bigint
);
create table {prefix}config (id bigserial primary key, name varchar(255) not null, value text not null);
insert into {prefix}config (name, value) values ('siteidentifier', '{identifier}')
"""
COURSE = """
insert into raw.courses (
    site_id, course_id, shortname, fullname, is_visible, group_mode, group_mode_forced, completion_enabled,
    backup_sha256, backup_at
)
values (%s, %s, 'c', 'c', true, 0, false, true, 'x', now())"""
COLUMNS = (
    *("eventname", "component", "action", "target", "objecttable", "objectid", "crud", "edulevel", "contextid"),
    *("contextlevel", "contextinstanceid", "userid", "courseid", "relateduserid", "anonymous", "other", "timecreated"),
    *("origin", "ip", "realuserid"),
)


class MoodleDatabase:
    """The database, its owner's connection, and the URL of an account that may read it."""

    def __init__(self, connection: Connection, url: str, prefix: str) -> None:
        self.connection = connection
        self.url = SecretStr(url if prefix == "mdl_" else f"{url}&prefix={prefix}")
        self.log = f"{prefix}logstore_standard_log"

    def add(self, rows: pl.DataFrame, connection: Connection | None = None) -> None:
        """Add rows, with ids of their own when they have some, else with the next ones."""
        columns = [name for name in ("id", *COLUMNS) if name in rows.columns]
        with (
            (connection or self.connection).cursor() as cursor,
            cursor.copy(f"copy {self.log} ({', '.join(columns)}) from stdin") as copy,
        ):
            for row in rows.select(columns).iter_rows():
                copy.write_row(row)

    def another_connection(self) -> Connection:
        """Another writer's."""
        return psycopg.connect(self.connection.info.dsn)


@contextmanager
def moodle_database(settings: Settings, *, prefix: str = "mdl_") -> Iterator[MoodleDatabase]:
    """A database that is dropped at the end."""
    name, server = f"moodle_{uuid4().hex[:8]}", conninfo(settings, Role.ADMIN)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create database {name}")
        admin.execute(f"create role {name}_reader login password '{PASSWORD}'")
        with psycopg.connect(make_conninfo(server, dbname=name), autocommit=True) as owner:
            owner.execute(DDL.format(prefix=prefix, identifier=IDENTIFIER))
            owner.execute(f"grant select on all tables in schema public to {name}_reader")
            told = conninfo_to_dict(server)
            url = f"postgresql://{name}_reader:{quote(PASSWORD, safe='')}@/{name}?host={quote(str(told['host']))}"
            url += f"&port={told['port']}" if "port" in told else ""
            yield MoodleDatabase(owner, url, prefix)
        admin.execute(f"drop database {name} with (force)")
        admin.execute(f"drop role {name}_reader")


def recorded(data: Path) -> pl.DataFrame:
    """The rows a real Moodle wrote."""
    return pl.read_parquet(data / "moodle/mdl_logstore_standard_log.parquet")


def generated(data: Path, count: int, *, starts: int = 1_795_400_000, courses: Sequence[int] = (2, 4)) -> pl.DataFrame:
    """Rows like the recorded ones of some courses, a new event every two seconds; without ids."""
    like = recorded(data).filter(pl.col("courseid").is_in(courses)).drop("id")
    rows = pl.concat([like] * (count // len(like) + 1)).head(count)
    return rows.with_columns(timecreated=pl.int_range(starts, starts + 2 * count, 2, dtype=pl.Int64))
