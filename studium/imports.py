"""Imports asked for by people: who may, what is kept, how it goes. Reading the files is the pipeline's work."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from obstore.store import ObjectStore
from psycopg import Connection
from psycopg.rows import dict_row

from studium import work
from studium.analytics import keyset
from studium.content.intake import register_file
from studium.moodle.backup.archive import unpack
from studium.moodle.backup.header import read_header
from studium.moodle.intake import site_names
from studium.moodle.keys import CourseKey
from studium.moodle.trust import NOT_TAUGHT
from studium.storage import put_file
from studium.wire.base import Page
from studium.wire.work import Import, ImportKind

PREFIX = "imports"
KINDS: dict[str, ImportKind] = {"import_backup": "backup", "import_logs": "logs", "import_file": "file"}
SQL = """
select request_id as import_id, kind, payload ->> 'filename' as filename, payload ->> 'course_id' as course_id, status,
       progress, outcome, error, created_at, started_at, finished_at
from app.work_requests where kind = any(%(kinds)s)
"""


class ImportRefusedError(ValueError):
    """The import cannot be taken; the message says why."""


class NotTaughtError(LookupError):
    """The account teaches no such course."""


def require_teaching(connection: Connection, course_id: str | None) -> None:
    """Raise `NotTaughtError` unless the bound account teaches the course, or is an admin (who may name none)."""
    if not _teaches(connection, course_id):
        raise NotTaughtError(NOT_TAUGHT)


def _teaches(connection: Connection, course_id: str | None) -> bool:
    row = connection.execute(
        "select (select app.is_admin()) or coalesce(%(course)s in (select app.instructed_course_ids()), "
        "exists (select app.instructed_course_ids()))",
        {"course": course_id},
    ).fetchone()
    return row == (True,)


def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone called `name`."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImportRefusedError(f"{name!r} is no time zone; write one like Europe/London.") from error


def submit(
    store: ObjectStore,
    connection: Connection,
    account_id: UUID,
    kind: ImportKind,
    path: Path,
    course_id: str | None,
    zone: ZoneInfo | None,
) -> UUID:
    """Keep a file and ask the pipeline to import it.

    Raises:
        NotTaughtError: it belongs to a course the account does not teach.
        ImportRefusedError: it is not what it is said to be, or does not say what course it is for.
    """
    require_teaching(connection, course_id)
    payload: dict[str, Any] = {"filename": path.name, "course_id": course_id}
    if kind == "backup":
        payload["course_id"] = _course_of_backup(connection, path, course_id)
    elif course_id is None:
        raise ImportRefusedError("Say which course this is for.")
    if kind == "file":
        payload["document_id"] = str(register_file(store, connection, path, course_id or ""))
        return work.submit(connection, "import_file", payload, account_id)
    payload["object_path"] = put_file(store, PREFIX, path)
    if kind == "logs":
        payload["timezone"] = zone and zone.key
        return work.submit(connection, "import_logs", payload, account_id)
    return work.submit(connection, "import_backup", payload, account_id)


def _course_of_backup(connection: Connection, path: Path, course_id: str | None) -> str:
    """Whose backup a file says it is, among the courses the account teaches. The load decides; this answers at once."""
    with tempfile.TemporaryDirectory(prefix="studium-") as folder:
        unpack(path, Path(folder))
        header = read_header(Path(folder))
    said = [str(CourseKey(site_id, header.course_id)) for site_id in site_names(header)]
    if course_id is not None and course_id not in said:
        raise ImportRefusedError(f"This is a backup of {said[0]}, not of {course_id}.")
    taught = next((name for name in said if course_id in (None, name) and _teaches(connection, name)), None)
    if taught is None:
        raise NotTaughtError(NOT_TAUGHT)
    return taught


def read_import(connection: Connection, import_id: UUID) -> Import | None:
    """One import the bound account may see."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"{SQL} and request_id = %(id)s", {"kinds": list(KINDS), "id": import_id}).fetchone()
    return _import(row) if row else None


def list_imports(connection: Connection, after: str | None, limit: int) -> Page[Import]:
    """The imports the bound account may see, newest first."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"{SQL} and (%(at)s::timestamptz is null or (created_at, request_id) < (%(at)s, %(id)s::uuid)) "
            "order by created_at desc, request_id desc limit %(limit)s",
            {"kinds": list(KINDS), "at": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page([_import(row) for row in rows], limit, lambda found: (found.created_at, found.import_id))


def _import(row: dict[str, Any]) -> Import:
    return Import(**{**row, "kind": KINDS[row["kind"]], "filename": row["filename"] or ""})
