"""A course's material and questions out of the database, as the connection may see them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.learning.making.material import Source
from studium.learning.questions.landed import landed
from studium.learning.questions.records import QuestionRecord

INTRODUCTION = "intro"
CHUNKS = """
select
    c.chunk_id, c.document_id, c.text, c.heading, c.chapter, c.content_sha256, c.page_kind, c.position,
    d.title, d.course_id, d.section_id, d.material_key, d.source
from content.chunks as c
inner join content.documents as d on c.document_id = d.document_id
where d.status = 'ready' and {which}
order by d.material_key nulls last, d.document_id, c.position
"""
PRACTISED = """
select q.question_id, q.topic_id, q.qtype, q.text, q.answers, q.general_feedback, q.settings
from app.practice_questions as q
where q.course_id = %s and q.owner_id is null and q.retired_at is null and q.origin in ('moodle', 'teacher')
order by q.question_id
"""
QUESTIONS = """
select q.*, q.site_id || ':' || q.course_id as course
from raw.questions as q
where q.site_id || ':' || q.course_id = %s and q.status = 'ready' and q.parent_id is null
order by q.question_id
"""
ANSWERS = """
select a.* from raw.question_answers as a where a.site_id || ':' || a.course_id = %s order by a.question_id, a.position
"""


def course_sources(connection: Connection, course_id: str) -> list[Source]:
    """The passages of a course's material, without people's uploads."""
    return _read(connection, "d.course_id = %s and d.source <> 'upload'", [course_id])


def document_sources(connection: Connection, document_ids: Sequence[UUID]) -> list[Source]:
    """The passages of some documents."""
    return _read(connection, "d.document_id = any(%s)", [list(document_ids)])


def chunk_sources(connection: Connection, chunk_ids: Sequence[UUID]) -> list[Source]:
    """Some passages."""
    return _read(connection, "c.chunk_id = any(%s)", [list(chunk_ids)])


def course_questions(connection: Connection, course_id: str) -> list[tuple[QuestionRecord, Source]]:
    """The questions everybody in the course may practise sooner or later; who may now, the database says with each."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(PRACTISED, [course_id]).fetchall()
    return [
        (
            QuestionRecord.of_stored(row),
            Source(
                text=row["text"], title="", kind="question", course_id=course_id, topic_id=row["topic_id"],
                question_id=row["question_id"],
            ),
        )
        for row in rows
    ]  # fmt: skip


def course_bank(connection: Connection, course_id: str) -> list[tuple[QuestionRecord, Source]]:
    """The questions of a course's bank; for the pipeline alone, which reads `raw`."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(QUESTIONS, [course_id]).fetchall()
        answers = {
            number: list(group)
            for number, group in groupby(
                cursor.execute(ANSWERS, [course_id]).fetchall(), lambda row: row["question_id"]
            )
        }
    found = [(row, landed(row, answers.get(row["question_id"], []))) for row in rows]
    return [(record, _of_question(row, record)) for row, record in found if record is not None]


def _of_question(row: dict[str, Any], record: QuestionRecord) -> Source:
    return Source(text=record.text, title=row["category"] or "", kind="question", course_id=row["course"])


def _read(connection: Connection, which: str, parameters: list[object]) -> list[Source]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(CHUNKS.format(which=which), parameters).fetchall()
    opening = {row["document_id"]: row["heading"] for row in reversed(rows) if row["page_kind"] == "slide"}
    return [_source(row, opening.get(row["document_id"])) for row in rows]


def _source(row: dict[str, Any], opening: str | None) -> Source:
    key = (row["material_key"] or row["source"]).split(":")
    return Source(
        text=row["text"], title=row["title"], heading=row["heading"], chapter=row["chapter"] or opening,
        kind="section" if key[-1] == INTRODUCTION else key[0], course_id=row["course_id"], topic_id=row["section_id"],
        document_id=row["document_id"], chunk_id=row["chunk_id"], sha256=row["content_sha256"],
        is_slide=row["page_kind"] == "slide",
    )  # fmt: skip
