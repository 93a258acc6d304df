"""Answers the bound account gave, as they are kept."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from studium.analytics import keyset
from studium.wire.base import Page
from studium.wire.practice import Attempt

ATTEMPT: LiteralString = """
select t.attempt_id, t.question_id, t.topic_id, t.session_id, t.is_correct, t.fraction, t.time_taken_seconds,
    t.confidence_level, t.ability_before, t.ability_after, t.uncertainty_before, t.uncertainty_after,
    t.difficulty_before, t.difficulty_after, t.p_correct, t.is_repeated, t.answered_at
from app.practice_attempts as t
"""
LISTED = f"""{ATTEMPT}
where t.course_id = %(course)s
    and (%(at)s::timestamptz is null or (t.answered_at, t.attempt_id) < (%(at)s, %(id)s::uuid))
order by t.answered_at desc, t.attempt_id desc limit %(limit)s
"""


def listed(connection: Connection, course_id: str, after: str | None, limit: int) -> Page[Attempt]:
    """In a course, the newest first."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    with connection.cursor(row_factory=class_row(Attempt)) as cursor:
        facts = {"course": course_id, "at": seen[0], "id": seen[1], "limit": limit + 1}
        rows = cursor.execute(LISTED, facts).fetchall()
    return keyset.page(rows, limit, lambda one: (one.answered_at, one.attempt_id))


def find(connection: Connection, where: LiteralString, values: list[object]) -> Attempt | None:
    """The one of which `where` is true."""
    with connection.cursor(row_factory=class_row(Attempt)) as cursor:
        return cursor.execute(f"{ATTEMPT} where {where}", values).fetchone()
