"""A course's events of all its logs in the lake, a Parquet file a month, with refused rows and an account of each log.

The lake is a function of the registered files: reading them again writes the same bytes, and months whose bytes stand
are left alone.
"""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import obstore
import polars as pl
from obstore.store import ObjectStore
from psycopg import Connection

from studium.moodle.keys import CourseKey
from studium.moodle.logs.days import fetch_days
from studium.moodle.logs.engine import literal, open_engine
from studium.moodle.logs.event_names import catalogue
from studium.moodle.logs.format import Kind
from studium.moodle.logs.reading import Reader
from studium.moodle.logs.records import Landing, LogFile
from studium.storage import fetch, get, put, remove, write_parquet

_MONTH = """
copy (select * from events where occurred_at >= {begins} and occurred_at < {ends}::timestamptz + interval 1 month)
to {path} (format parquet, compression zstd)"""

VERSION = 2
"""Raised when the same files would be read differently."""

People = list[tuple[str, int]]
Modules = list[tuple[str, str, int]]


def registered(connection: Connection, course: CourseKey) -> list[LogFile]:
    """The files registered for a course, the earliest first; what Moodle's database gave is one of them."""
    rows = connection.execute(
        """
        select sha256, object_path, filename, kind, timezone from raw.log_files
        where site_id = %s and course_id = %s order by registered_at, sha256""",
        course,
    ).fetchall()
    return [
        LogFile(course, sha256, path, filename, Kind(kind), ZoneInfo(zone) if zone else None)
        for sha256, path, filename, kind, zone in rows
    ]


def courses_with_logs(connection: Connection) -> list[CourseKey]:
    """Every course a log was registered for."""
    rows = connection.execute("select distinct site_id, course_id from raw.log_files order by 1, 2").fetchall()
    return [CourseKey(*row) for row in rows]


def land(store: ObjectStore, connection: Connection, course: CourseKey) -> Landing:
    """Read every registered file of a course and write its events to the lake, unless they stand there already."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"activity {course}"])
    files, people, modules = registered(connection, course), _people(connection, course), _modules(connection, course)
    fingerprint = _fingerprint(files, people, modules)
    standing = landing(store, course)
    unchanged = _unchanged(store, course, standing)
    if standing is not None and standing.fingerprint == fingerprint and standing.months == unchanged:
        return standing
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder)) as engine:
        reader = Reader(engine, course)
        for file in files:
            path = Path(folder) / file.sha256
            if file.kind is Kind.STORE_DATABASE:
                reader.add(file, fetch_days(store, connection, course, path))
                continue
            fetch(store, file.object_path, path)
            reader.add(file, path)
            path.unlink()
        imports = reader.settle(people, modules)
        count = engine.execute("select count(*) from events").fetchone() or (0,)
        months = _write_months(store, reader, Path(folder), unchanged)
        _write_refused(store, reader)
    for month in (standing.months.keys() if standing else set()) - months.keys():
        obstore.delete(store, f"{folder_of(course)}/events/{month}.parquet")
    for sha256 in {one.sha256 for one in standing.imports} - {one.sha256 for one in imports} if standing else ():
        remove(store, f"{folder_of(course)}/refused/{sha256}.parquet")
    made = Landing(fingerprint, int(count[0]), imports, months)
    put(store, f"{folder_of(course)}/landing.json", made.dumps())
    return made


def folder_of(course: CourseKey) -> str:
    """Where the lake keeps a course's events."""
    return f"lake/activity/{course.site_id}/{course.course_id}"


def landing(store: ObjectStore, course: CourseKey) -> Landing | None:
    """What lies in the lake for a course, if anything does."""
    try:
        return Landing.loads(get(store, f"{folder_of(course)}/landing.json"))
    except FileNotFoundError:
        return None


def fetch_events(store: ObjectStore, course: CourseKey, folder: Path) -> list[Path]:
    """Copy a course's events from the lake into `folder`, a Parquet file a month."""
    standing = landing(store, course)
    paths = [folder / f"{month}.parquet" for month in (standing.months if standing else ())]
    for path in paths:
        fetch(store, f"{folder_of(course)}/events/{path.name}", path)
    return paths


def _unchanged(store: ObjectStore, course: CourseKey, standing: Landing | None) -> dict[str, str]:
    """The months that lie in the lake as they were written: what was lost or changed there is written again."""
    return {
        month: digest
        for month, digest in (standing.months.items() if standing else ())
        if _digest(store, f"{folder_of(course)}/events/{month}.parquet") == digest
    }


def _digest(store: ObjectStore, path: str) -> str | None:
    try:
        return hashlib.sha256(get(store, path)).hexdigest()
    except FileNotFoundError:
        return None


def _people(connection: Connection, course: CourseKey) -> People:
    return connection.execute(
        """
        select concat_ws(' ', first_name, last_name), user_id from raw.users
        where site_id = %s and coalesce(first_name, last_name) is not null order by user_id""",
        [course.site_id],
    ).fetchall()


def _modules(connection: Connection, course: CourseKey) -> Modules:
    return connection.execute(
        "select modname, name, cmid from raw.modules where site_id = %s and course_id = %s order by cmid", course
    ).fetchall()


def _fingerprint(files: Sequence[LogFile], people: People, modules: Modules) -> str:
    said = [VERSION, [(file.sha256, str(file.timezone)) for file in files], people, modules, catalogue()]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _write_months(store: ObjectStore, reader: Reader, folder: Path, unchanged: dict[str, str]) -> dict[str, str]:
    """Put the months whose bytes changed; returns the digest of each."""
    months: dict[str, str] = {}
    rows = reader.engine.execute(
        "select distinct strftime(occurred_at, '%Y-%m') as month from events order by month"
    ).fetchall()
    for (month,) in rows:
        path = folder / f"{month}.parquet"
        begins = literal(f"{month}-01 00:00:00+00")
        reader.engine.execute(_MONTH.format(begins=begins, ends=begins, path=literal(path)))
        months[month] = hashlib.sha256(path.read_bytes()).hexdigest()
        if unchanged.get(month) != months[month]:
            obstore.put(store, f"{folder_of(reader.course)}/events/{path.name}", path)
        path.unlink()
    return months


def _write_refused(store: ObjectStore, reader: Reader) -> None:
    schema = {"line": pl.Int64, "reason": pl.String, "text": pl.String}
    for file, refused in zip(reader.files, reader.refused, strict=True):
        path = f"{folder_of(reader.course)}/refused/{file.sha256}.parquet"
        write_parquet(store, path, pl.DataFrame(refused, schema=schema, orient="row"))
