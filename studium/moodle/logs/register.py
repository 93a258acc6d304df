"""Taking in a log file: looked at, kept under its hash, recorded for its course. Reading it is an asset's work."""

import tempfile
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
from duckdb import DuckDBPyConnection
from obstore.store import ObjectStore
from psycopg import Connection

from studium.moodle.keys import CourseKey
from studium.moodle.logs import logstore, report
from studium.moodle.logs.dates import clock_of
from studium.moodle.logs.engine import open_engine
from studium.moodle.logs.format import Kind, Layout, LogError, recognise
from studium.moodle.logs.records import LogFile
from studium.moodle.trust import is_trusted
from studium.storage import put_file

__all__ = ["LogError", "LogFile", "register_log"]


def register_log(
    store: ObjectStore,
    connection: Connection,
    path: Path,
    course: CourseKey,
    timezone: ZoneInfo | None = None,
    account_id: UUID | None = None,
) -> LogFile:
    """Take a log file of a course: a log report as CSV, or a dump of logstore_standard_log (CSV, Parquet).

    Args:
        store: keeps the file, under its hash.
        connection: in a transaction of the pipeline's role.
        path: the file; `.csv`, `.csv.gz` or `.parquet`, told by its bytes.
        course: the course whose events are taken.
        timezone: zone of the site. A report's times are read in it; without it, in the zone the site is known to have.
        account_id: who hands it in; nobody is the command line. Only administrators change the zone a site has already.

    Raises:
        LogError: the course is unknown, the file is not a log of it, or its times cannot be told.
    """
    _known(connection, course)
    layout = recognise(path)
    zone = timezone or _zone_of_site(connection, course)
    if layout.kind is Kind.REPORT_CSV and zone is None:
        raise LogError(
            f"the times of a log report carry no time zone and {course.site_id} has none yet: "
            "say which it is, for example Europe/London"
        )
    _check(path, layout, course)
    object_path = put_file(store, "files/logs", path)
    if timezone is not None:
        connection.execute(
            "update raw.sites set timezone = %s where site_id = %s and (%s or timezone is null)",
            [timezone.key, course.site_id, is_trusted(connection, account_id)],
        )
    return _record(connection, course, path, object_path, layout.kind, zone)


def _known(connection: Connection, course: CourseKey) -> None:
    known = connection.execute(
        """
        select from raw.course_backups where (site_id, course_id) = (%(site)s, %(course)s)
        union all
        select from raw.courses where (site_id, course_id) = (%(site)s, %(course)s)
        limit 1""",
        {"site": course.site_id, "course": course.course_id},
    ).fetchone()
    if known is None:
        raise LogError(f"course {course} is not known: import its backup first, or sync it")


def _zone_of_site(connection: Connection, course: CourseKey) -> ZoneInfo | None:
    row = connection.execute("select timezone from raw.sites where site_id = %s", [course.site_id]).fetchone()
    return ZoneInfo(row[0]) if row and row[0] else None


def _check(path: Path, layout: Layout, course: CourseKey) -> None:
    """Read the whole file once: one that is broken, or another course's, is refused before anything is kept of it."""
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder)) as engine:
        try:
            if layout.kind is Kind.REPORT_CSV:
                _check_report(engine, path, layout, course)
            else:
                _check_store(engine, path, layout, course)
        except duckdb.Error as error:
            raise LogError(f"{path.name} cannot be read to its end: {error}") from error


def _check_report(engine: DuckDBPyConnection, path: Path, layout: Layout, course: CourseKey) -> None:
    report.stage(engine, path, layout)
    if engine.execute("select count(*) from staged").fetchone() == (0,):
        return
    clock_of(engine)
    ours, others = report.course_named(engine, course.course_id)
    if others > ours:
        raise LogError(f"{path.name} is the log of another course: {others} rows name one, and {ours} {course}")


def _check_store(engine: DuckDBPyConnection, path: Path, layout: Layout, course: CourseKey) -> None:
    engine.execute(logstore.TABLE)
    elsewhere, refused = logstore.read_store(engine, 0, path, layout, course.course_id)
    if engine.execute("select count(*) from store_rows").fetchone() != (0,):
        return
    why = f", and {len(refused)} cannot be read ({refused[0][1]})" if refused else ""
    raise LogError(f"{path.name} holds no row of {course}: {elsewhere} are of other courses{why}")


def _record(
    connection: Connection, course: CourseKey, path: Path, object_path: str, kind: Kind, zone: ZoneInfo | None
) -> LogFile:
    sha256 = Path(object_path).name.partition(".")[0]
    named = zone.key if zone is not None and kind is Kind.REPORT_CSV else None
    told = connection.execute(
        """
        insert into raw.log_files as known
            (site_id, course_id, sha256, object_path, filename, kind, byte_size, timezone)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (site_id, course_id, sha256) do update
            set timezone = excluded.timezone where known.timezone is distinct from excluded.timezone
        returning 1""",
        [*course, sha256, object_path, path.name, kind.value, path.stat().st_size, named],
    ).fetchone()
    return LogFile(course, sha256, object_path, path.name, kind, zone, is_new=told is not None)
