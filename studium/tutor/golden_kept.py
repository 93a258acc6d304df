"""Golden questions that a course's teachers keep, beside those in files; `studium evaluate` asks them too.

What one is stands in `golden`.
"""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from studium.analytics import keyset
from studium.moodle.keys import CourseKey
from studium.tutor.corrections import NoSuchSourceError, cited_title
from studium.tutor.evaluation import said_alike
from studium.tutor.golden import Asker, Golden, Place
from studium.wire.base import Page
from studium.wire.questions import GoldenQuestion, NewGolden

KEPT = """
select g.golden_id, g.course_id, g.question, g.kind, g.note, g.written_at,
    array(select a.value ->> 'quote' from jsonb_array_elements(g.answers) as a) as quotes
from app.golden_questions as g
"""
KEEP = """
insert into app.golden_questions (course_id, report_id, question, kind, answers, note, written_by)
values (%s, (select r.report_id from app.reported_answers as r where r.report_id = %s and r.course_id = %s),
        %s, %s, %s, %s, %s)
returning golden_id
"""
CHUNKS = """
select c.text, c.page, c.page_kind, c.heading, d.title, d.filename, split_part(d.module_id, ':', 2) as cmid
from content.chunks as c join content.documents as d using (document_id)
where d.document_id = %s order by c.position
"""
# somebody who learns there: what the course's learners see is what is asked
LEARNER = """
select u.username from raw.role_assignments as r
join raw.users as u using (site_id, user_id)
join raw.enrolments as e using (site_id, course_id, user_id)
where (r.site_id, r.course_id) = (%s, %s) and r.archetype = 'student' and not u.is_deleted
    and e.status = 0 and e.method_status = 0 and (e.ends_at is null or e.ends_at > now())
    and (e.starts_at is null or e.starts_at <= now())
order by u.user_id limit 1
"""


class NotThereError(ValueError):
    """The words do not stand where they are said to, or the question is kept already; the message says so."""


class NoSuchGoldenError(LookupError):
    """The account's courses keep no such question."""


def keep(connection: Connection, course_id: str, account_id: UUID, new: NewGolden) -> GoldenQuestion:
    """Keep a question. Raises `NotThereError`."""
    answers = [_place(connection, course_id, new.document_id, new.quote)] if new.document_id and new.quote else []
    told = Jsonb([place.model_dump(mode="json") for place in answers])
    try:
        row = connection.execute(
            KEEP, [course_id, new.report_id, course_id, new.question, new.kind, told, new.note, account_id]
        ).fetchone()
    except UniqueViolation as error:
        raise NotThereError("This question is kept already.") from error
    assert row is not None  # noqa: S101 - insert returning always returns
    with connection.cursor(row_factory=class_row(GoldenQuestion)) as cursor:
        found = cursor.execute(f"{KEPT} where g.golden_id = %s", [row[0]]).fetchone()
    assert found is not None  # noqa: S101 - it was just written
    return found


def listed(connection: Connection, course_id: str, after: str | None, limit: int) -> Page[GoldenQuestion]:
    """What a course keeps, by question."""
    seen = keyset.unpack(after, str) or (None,)
    with connection.cursor(row_factory=class_row(GoldenQuestion)) as cursor:
        rows = cursor.execute(
            f"{KEPT} where g.course_id = %(course)s and (%(seen)s::text is null or g.question > %(seen)s) "
            "order by g.question limit %(limit)s",
            {"course": course_id, "seen": seen[0], "limit": limit + 1},
        ).fetchall()
    return keyset.page(rows, limit, lambda one: (one.question,))


def forget(connection: Connection, course_id: str, golden_id: UUID) -> None:
    """Keep a question no longer."""
    gone = connection.execute(
        "delete from app.golden_questions where golden_id = %s and course_id = %s", [golden_id, course_id]
    )
    if not gone.rowcount:
        raise NoSuchGoldenError("There is no such question.")


def kept(connection: Connection, course: CourseKey) -> list[Golden]:
    """What a course keeps, as it is asked: now, by one of its learners if it has any; as the pipeline."""
    rows = connection.execute(
        "select golden_id, question, kind, answers, note from app.golden_questions where course_id = %s "
        "order by written_at, golden_id",
        [str(course)],
    ).fetchall()
    learner = connection.execute(LEARNER, course).fetchone()
    if learner is None:
        return []
    asker = Asker(username=learner[0])
    return [
        Golden(id=str(golden_id), question=question, kind=kind, answers=answers, note=note, asker=asker)
        for golden_id, question, kind, answers, note in rows
    ]


def _place(connection: Connection, course_id: str, document_id: UUID, quote: str) -> Place:
    """Where the words stand, if they do."""
    try:
        cited_title(connection, course_id, document_id)
    except NoSuchSourceError as error:
        raise NotThereError(str(error)) from error
    wanted = said_alike(quote)
    for text, page, kind, heading, title, filename, cmid in connection.execute(CHUNKS, [document_id]).fetchall():
        if wanted in said_alike(text):
            number: dict[str, Any] = {"slide" if kind == "slide" else "page": page}
            module = int(cmid) if cmid else None
            return Place(module=module, name=title, file=filename, section=heading, quote=wanted, **number)
    raise NotThereError("These words do not stand in that document. Copy them from it, within one paragraph.")
