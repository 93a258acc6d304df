"""What a course's teachers say to a question. It becomes a file of the course, read and found like any other."""

from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID, uuid4

from obstore.store import ObjectStore
from psycopg import Connection
from psycopg.rows import class_row

from studium import work
from studium.analytics import keyset
from studium.moodle.keys import CourseKey
from studium.storage import put_content
from studium.tutor import reports
from studium.wire.base import Page
from studium.wire.questions import Correction, NewCorrection

TITLE = "Correction by an instructor"
CORRECTION = """
select c.correction_id, c.course_id, c.question, c.words, c.cited_document_id, c.cited_page, c.written_at,
    c.withdrawn_at, d.status
from app.corrections as c left join content.documents as d on c.document_id = d.document_id
"""
DOCUMENT = """
insert into content.documents (source, course_id, material_key, title, filename, media_type, byte_size, content_sha256,
                               object_path)
values ('file', %(course_id)s, 'correction:' || %(correction_id)s::uuid, %(title)s, 'correction.html', 'text/html',
        %(byte_size)s, encode(sha256(%(data)s), 'hex'), %(object_path)s)
returning document_id
"""
WRITE = """
insert into app.corrections (correction_id, course_id, report_id, document_id, question, words, cited_document_id,
                             cited_page, written_by, written_at)
values (%(correction_id)s, %(course_id)s, %(report_id)s, %(document_id)s, %(question)s, %(words)s,
        %(cited_document_id)s, %(cited_page)s, %(written_by)s, %(written_at)s)
"""
# its bytes go when no other correction says the very same
REMOVE = """
delete from content.documents as d using app.corrections as c
where c.correction_id = %(id)s and c.course_id = %(course)s and d.document_id = c.document_id
returning case when not exists (
    select from content.documents as o where o.object_path = d.object_path and o.document_id <> d.document_id
) then d.object_path end
"""


class NoSuchCorrectionError(LookupError):
    """There is no such correction in a course the account teaches."""


class NoSuchSourceError(ValueError):
    """What is cited is no document of the course that the account may see."""


def write(
    store: ObjectStore, connection: Connection, course: CourseKey, account_id: UUID, new: NewCorrection, now: datetime
) -> Correction:
    """Keep a correction, ask the pipeline to read it, and let the answer it corrects be done."""
    correction_id = uuid4()
    data = _page(new, cited_title(connection, str(course), new.cited_document_id)).encode()
    facts: dict[str, Any] = {
        **new.model_dump(),
        "correction_id": correction_id,
        "course_id": str(course),
        "title": f"{TITLE}, {now.day} {now:%B %Y}",
        "data": data,
        "byte_size": len(data),
        "object_path": put_content(store, f"shared/courses/{course}/corrections", data, ".html"),
        "written_by": account_id,
        "written_at": now,
    }
    [(document_id,)] = connection.execute(DOCUMENT, facts).fetchall()
    connection.execute(WRITE, {**facts, "document_id": document_id})
    if new.report_id:
        reports.change(connection, str(course), new.report_id, "corrected")
    work.submit(connection, "upload", {"document_id": str(document_id)}, account_id)
    return _read(connection, correction_id)


def withdraw(connection: Connection, course_id: str, correction_id: UUID, now: datetime) -> str | None:
    """Take a correction back: nobody finds it any more. Returns where its bytes lie, to be removed after the commit."""
    row = connection.execute(REMOVE, {"id": correction_id, "course": course_id}).fetchone()
    changed = connection.execute(
        "update app.corrections set withdrawn_at = coalesce(withdrawn_at, %s) "
        "where correction_id = %s and course_id = %s",
        [now, correction_id, course_id],
    )
    if not changed.rowcount:
        raise NoSuchCorrectionError("There is no such correction.")
    return row[0] if row else None


def listed(connection: Connection, course_id: str, after: str | None, limit: int) -> Page[Correction]:
    """A course's corrections, the newest first."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    with connection.cursor(row_factory=class_row(Correction)) as cursor:
        rows = cursor.execute(
            f"{CORRECTION} where c.course_id = %(course)s "
            "and (%(at)s::timestamptz is null or (c.written_at, c.correction_id) < (%(at)s, %(id)s::uuid)) "
            "order by c.written_at desc, c.correction_id desc limit %(limit)s",
            {"course": course_id, "at": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page(rows, limit, lambda one: (one.written_at, one.correction_id))


def cited_title(connection: Connection, course_id: str, document_id: UUID | None) -> str | None:
    """The name of a document of the course, as far as the bound account may see it. Raises `NoSuchSourceError`."""
    if document_id is None:
        return None
    row = connection.execute(
        "select title from content.documents where document_id = %s and course_id = %s and source <> 'upload'",
        [document_id, course_id],
    ).fetchone()
    if row is None:
        raise NoSuchSourceError("The document is none of this course.")
    return str(row[0])


def _read(connection: Connection, correction_id: UUID) -> Correction:
    with connection.cursor(row_factory=class_row(Correction)) as cursor:
        found = cursor.execute(f"{CORRECTION} where c.correction_id = %s", [correction_id]).fetchone()
    assert found is not None  # noqa: S101 - it was just written
    return found


def _page(new: NewCorrection, cited: str | None) -> str:
    """The question as the heading, which is embedded with what stands below it; then the words."""
    paragraphs = [line for line in new.words.splitlines() if line.strip()]
    if cited:
        page = f", page {new.cited_page}" if new.cited_page else ""
        paragraphs.append(f"See {cited}{page}.")
    return "".join([f"<h1>{escape(new.question)}</h1>", *(f"<p>{escape(line)}</p>" for line in paragraphs)])
