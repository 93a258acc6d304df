"""Study sessions: opened by the first act in a course, kept open by the next, closed by half an hour without one."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from studium.analytics import keyset
from studium.wire.base import Page
from studium.wire.practice import StudySession

GAP = timedelta(minutes=30)
# what its acts earned, by the ledger; an act may stand there a tick later than here
EARNED: LiteralString = """(
    select coalesce(sum(x.xp), 0)::integer from app.xp_ledger as x
    where x.account_id = s.account_id and x.course_id = s.course_id
        and x.happened_at >= s.started_at and x.happened_at < s.last_activity_at + interval '1 minute'
)"""
SESSION: LiteralString = f"""
select s.session_id, s.course_id, s.started_at, s.last_activity_at, s.duration_seconds, s.questions_answered,
    s.correct_answers, s.cards_reviewed,
    case when s.ended_at is null then {EARNED} else s.xp_earned end as xp_earned,
    coalesce(s.ended_at, case when s.last_activity_at < %(open_since)s then s.last_activity_at end) as ended_at
from app.study_sessions as s
"""  # noqa: S608 - a constant
CLOSE: LiteralString = f"""
update app.study_sessions as s set ended_at = s.last_activity_at, xp_earned = {EARNED}
where account_id = %(account)s and course_id = %(course)s and ended_at is null and last_activity_at < %(open_since)s
"""  # noqa: S608 - a constant
# two acts at once: the second waits at the index of open sessions and extends what the first opened
TOUCH = """
insert into app.study_sessions as s
    (account_id, course_id, started_at, last_activity_at,
     questions_answered, correct_answers, cards_reviewed)
values (%(account)s, %(course)s, %(moment)s, %(moment)s, %(questions)s, %(correct)s, %(cards)s)
on conflict (account_id, course_id) where ended_at is null do update set
    last_activity_at = greatest(s.last_activity_at, excluded.last_activity_at),
    duration_seconds = extract(epoch from greatest(s.last_activity_at, excluded.last_activity_at) - s.started_at),
    questions_answered = s.questions_answered + excluded.questions_answered,
    correct_answers = s.correct_answers + excluded.correct_answers,
    cards_reviewed = s.cards_reviewed + excluded.cards_reviewed
returning s.session_id
"""

TAKE_BACK = """
update app.study_sessions as s set cards_reviewed = s.cards_reviewed - 1
where s.account_id = %(account)s and s.course_id = %(course)s and s.cards_reviewed > 0
    and %(reviewed_at)s between s.started_at and s.last_activity_at
"""


def touch(
    connection: Connection,
    account_id: UUID,
    course_id: str,
    moment: datetime,
    *,
    cards: int = 0,
    questions: int = 0,
    correct: int = 0,
) -> UUID:
    """Count an act in the session it belongs to, in the caller's transaction; a new one after a pause.

    What it earned is read from the ledger, where `record_act` wrote it.
    """
    counts = {"cards": cards, "questions": questions, "correct": correct}
    facts = {"account": account_id, "course": course_id, "moment": moment, "open_since": _open_since(moment), **counts}
    connection.execute(CLOSE, facts)
    row = connection.execute(TOUCH, facts).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    session_id: UUID = row[0]
    return session_id


def take_back(connection: Connection, account_id: UUID, course_id: str, reviewed_at: datetime) -> None:
    """Count a card no more in the session in which it was reviewed: its review is undone."""
    connection.execute(TAKE_BACK, {"account": account_id, "course": course_id, "reviewed_at": reviewed_at})


def read(connection: Connection, session_id: UUID, moment: datetime) -> StudySession | None:
    """One of the bound account's sessions, as it stands at `moment`."""
    with connection.cursor(row_factory=class_row(StudySession)) as cursor:
        facts = {"session": session_id, "open_since": _open_since(moment)}
        return cursor.execute(f"{SESSION} where s.session_id = %(session)s", facts).fetchone()


def listed(
    connection: Connection, course_id: str, moment: datetime, after: str | None, limit: int
) -> Page[StudySession]:
    """The bound account's sessions in a course, the newest first."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    facts = {"course": course_id, "open_since": _open_since(moment), "at": seen[0], "id": seen[1], "limit": limit + 1}
    with connection.cursor(row_factory=class_row(StudySession)) as cursor:
        rows = cursor.execute(
            f"{SESSION} where s.course_id = %(course)s and (%(at)s::timestamptz is null "
            "or (s.started_at, s.session_id) < (%(at)s, %(id)s::uuid)) "
            "order by s.started_at desc, s.session_id desc limit %(limit)s",
            facts,
        ).fetchall()
    return keyset.page(rows, limit, lambda one: (one.started_at, one.session_id))


def _open_since(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    return moment - GAP
