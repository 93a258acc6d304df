"""What the bound account says of answers to it: one a turn, changeable.

Teachers see what it agrees to show, and when it takes that back, no longer (triggers of migration 0020).
"""

from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from psycopg.rows import class_row

from studium.analytics import keyset
from studium.wire.base import Page
from studium.wire.feedback import Feedback, FeedbackGiven

FEEDBACK = """
select f.turn_id, f.verdict, f.reason, f.words, f.is_shared, r.status as report_status, f.updated_at
from app.chat_feedback as f left join app.reported_answers as r on f.report_id = r.report_id
"""
GIVE = """
insert into app.chat_feedback (turn_id, verdict, reason, words, is_shared)
values (%(turn_id)s, %(verdict)s, %(reason)s, %(words)s, %(is_shared)s)
on conflict (turn_id) do update
set verdict = excluded.verdict, reason = excluded.reason, words = excluded.words, is_shared = excluded.is_shared,
    updated_at = clock_timestamp()
"""


class NoSuchAnswerError(LookupError):
    """The account was given no such answer."""


def give(connection: Connection, turn_id: UUID, given: FeedbackGiven) -> Feedback:
    """Say it, in the place of what was said before."""
    try:
        connection.execute(GIVE, {"turn_id": turn_id, **given.model_dump()})
    except InsufficientPrivilege as error:  # the policy: the turn is another's, or not answered
        raise NoSuchAnswerError("There is no such answer to you.") from error
    with connection.cursor(row_factory=class_row(Feedback)) as cursor:
        found = cursor.execute(f"{FEEDBACK} where f.turn_id = %s", [turn_id]).fetchone()
    assert found is not None  # noqa: S101 - it was just written
    return found


def take_back(connection: Connection, turn_id: UUID) -> None:
    """Have said nothing; what was shown goes as well."""
    connection.execute("delete from app.chat_feedback where turn_id = %s", [turn_id])


def given(connection: Connection, after: str | None, limit: int) -> Page[Feedback]:
    """All one has said, the newest first."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    with connection.cursor(row_factory=class_row(Feedback)) as cursor:
        rows = cursor.execute(
            f"{FEEDBACK} where %(at)s::timestamptz is null or (f.updated_at, f.turn_id) < (%(at)s, %(id)s::uuid) "
            "order by f.updated_at desc, f.turn_id desc limit %(limit)s",
            {"at": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page(rows, limit, lambda one: (one.updated_at, one.turn_id))
