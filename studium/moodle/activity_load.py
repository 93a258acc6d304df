"""The way of a roll-up into `raw`: by COPY, and only what differs is written, so that a second load changes nothing."""

from dataclasses import astuple
from pathlib import Path

from duckdb import DuckDBPyConnection
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from studium.moodle.keys import CourseKey
from studium.moodle.logs.engine import literal
from studium.moodle.logs.records import IMPORT_COLUMNS, Import

KEYS = {
    "activity_daily": ("site_id", "course_id", "user_id", "cmid", "day", "origin"),
    "activity_events_daily": ("site_id", "course_id", "user_id", "cmid", "day", "origin", "event_name"),
    "activity_sessions": ("site_id", "course_id", "user_id", "origin", "started_at"),
}
VALUES = {
    "activity_daily": ("events", "sessions", "active_seconds", "first_at", "last_at"),
    "activity_events_daily": ("events",),
    "activity_sessions": ("ended_at", "day", "cmid", "modules", "events", "active_seconds"),
}

_ANY = SQL("select from raw.{table} where site_id = %s and course_id = %s limit 1")
_LANDED = SQL("create temp table landed on commit drop as select {columns} from raw.{table} limit 0")
_COPY = SQL("copy {table} ({columns}) from stdin (format csv)")
_GONE = SQL("""
delete from raw.{table} as old
where
    old.site_id = %s and old.course_id = %s
    and not exists (select from landed where ({landed_key}) = ({old_key}))""")
_MERGED = SQL("""
insert into raw.{table} as old ({columns})
select {columns} from landed
on conflict ({key}) do update
    set {changes}, loaded_at = now()
    where ({old_values}) is distinct from ({new_values})""")


def load_table(engine: DuckDBPyConnection, connection: Connection, table: str, course: CourseKey, folder: Path) -> int:
    """Bring the engine's table of that name into `raw` for one course; returns how many rows it changed."""
    key, values = KEYS[table], VALUES[table]
    path = folder / f"{table}.csv"
    engine.execute(_CSV.format(columns=", ".join((*key, *values)), table=table, path=literal(path)))
    if connection.execute(_ANY.format(table=Identifier(table)), course).fetchone() is None:
        return _copy(connection, Identifier("raw", table), (*key, *values), path)
    connection.execute("drop table if exists landed")
    columns = SQL(", ").join(map(Identifier, (*key, *values)))
    connection.execute(_LANDED.format(columns=columns, table=Identifier(table)))
    _copy(connection, Identifier("landed"), (*key, *values), path)
    connection.execute("analyze landed")
    parts = {
        "table": Identifier(table),
        "columns": columns,
        "key": SQL(", ").join(map(Identifier, key)),
        "landed_key": _of("landed", key),
        "old_key": _of("old", key),
        "changes": SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in values),
        "old_values": _of("old", values),
        "new_values": _of("excluded", values),
    }
    gone = connection.execute(_GONE.format(**parts), course).rowcount
    return gone + connection.execute(_MERGED.format(**parts)).rowcount


def _copy(connection: Connection, table: Identifier, names: tuple[str, ...], path: Path) -> int:
    statement = _COPY.format(table=table, columns=SQL(", ").join(map(Identifier, names)))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy, path.open("rb") as file:
            while piece := file.read(1 << 20):
                copy.write(piece)
        return cursor.rowcount


def _of(table: str, names: tuple[str, ...]) -> object:
    return SQL(", ").join(Identifier(table, name) for name in names)


_CSV = "copy (select {columns} from {table}) to {path} (format csv, header false)"

_IMPORTED = SQL("""
insert into raw.log_imports as old (site_id, course_id, {columns})
values (%s, %s, {marks})
on conflict (site_id, course_id, sha256) do update
    set {changes}, imported_at = now()
    where ({old}) is distinct from ({new})""")


def load_imports(connection: Connection, course: CourseKey, imports: list[Import]) -> int:
    """Record what each file of a course gave; returns how many accounts are new or changed."""
    names = tuple(name for name in IMPORT_COLUMNS if name != "filename")
    values = tuple(name for name in names if name != "sha256")
    statement = _IMPORTED.format(
        columns=SQL(", ").join(map(Identifier, names)),
        marks=SQL(", ").join(SQL("%s") for _ in names),
        changes=SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in values),
        old=_of("old", values),
        new=_of("excluded", values),
    )
    changed = 0
    for one in imports:
        said = dict(zip(IMPORT_COLUMNS, astuple(one), strict=True))
        changed += connection.execute(statement, [*course, *(said[name] for name in names)]).rowcount
    return changed
