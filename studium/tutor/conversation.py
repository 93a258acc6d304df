"""Conversations as they are kept: sessions and turns of the account the transaction is bound to.

Who is in no course any more reads none of its conversations, and may still delete them. Answering a turn is
`answering`'s, telling it `telling`'s.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.analytics import keyset
from studium.tutor import threads
from studium.tutor.telling import Position, Standing
from studium.wire.base import Page
from studium.wire.chat import (
    ChatAnswer,
    ChatChange,
    ChatMessage,
    ChatSession,
    ChatTurn,
    Citation,
    Cost,
    Mode,
    NewChat,
)

CHANNEL = "studium_chat"
MOST_TURNS = 500
MOST_WAITING = 3
"""Turns of a conversation that may wait for their answer."""
TITLE_LENGTH = 80
MINE = """(s.course_id in (select app.enrolled_course_ids()) or s.course_id in (select app.instructed_course_ids())
    or (select app.is_admin()))"""
SESSION = f"""
select s.session_id, s.course_id, s.title, s.mode, s.created_at, s.updated_at,
    (select count(*) from app.chat_turns as t where t.session_id = s.session_id) as turns
from app.chat_sessions as s where {MINE}
"""  # noqa: S608 - constants
TURN = """
select t.turn_id, t.number, t.client_message_id, t.content, t.mode, t.rung, t.follows, t.status, t.text, t.answer,
    t.error, t.created_at,
    t.finished_at, t.attempt, t.tokens_in, t.tokens_out, t.cost::float as amount, t.currency
from app.chat_turns as t
"""


class ConversationError(Exception):
    """It cannot be done; the message says why."""


class NoSuchChatError(ConversationError):
    """There is no such conversation, or turn, of this account's in a course it is in."""


class ConflictError(ConversationError):
    """The message's id is another's, the conversation is full, or there is no further hint."""


class BusyError(ConversationError):
    """Too many turns wait for their answer already."""


def begin(connection: Connection, account_id: UUID, new: NewChat) -> ChatSession:
    """A new conversation of the bound account; whether it is in the course is the caller's to ask."""
    row = connection.execute(
        "insert into app.chat_sessions (account_id, course_id, title, mode) values (%s, %s, %s, %s) "
        "returning session_id",
        [account_id, new.course_id, new.title, new.mode],
    ).fetchone()
    assert row is not None  # noqa: S101 - insert returning always returns
    return read(connection, row[0])


def read(connection: Connection, session_id: UUID) -> ChatSession:
    """One conversation."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"{SESSION} and s.session_id = %s", [session_id]).fetchone()
    if row is None:
        raise NoSuchChatError("There is no such conversation.")
    return ChatSession(**row)


def listed(
    connection: Connection, *, course_id: str | None, text: str | None, after: str | None, limit: int
) -> Page[ChatSession]:
    """Conversations, the one that went on last first.

    Args:
        connection: bound to an account.
        course_id: only of this course.
        text: only those in whose title, questions or answers this stands.
        after: the `next` of the page before.
        limit: most on one page.
    """
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    wanted = f"%{text.translate(_LITERAL)}%" if text else None
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"{SESSION} and (%(course)s::text is null or s.course_id = %(course)s) "
            "and (%(text)s::text is null or s.title ilike %(text)s or exists (select from app.chat_turns as t "
            "where t.session_id = s.session_id and (t.content ilike %(text)s or t.text ilike %(text)s))) "
            "and (%(at)s::timestamptz is null or (s.updated_at, s.session_id) < (%(at)s, %(id)s::uuid)) "
            "order by s.updated_at desc, s.session_id desc limit %(limit)s",
            {"course": course_id, "text": wanted, "at": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page([ChatSession(**row) for row in rows], limit, lambda one: (one.updated_at, one.session_id))


_LITERAL = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


def change(connection: Connection, session_id: UUID, wanted: ChatChange) -> ChatSession:
    """Give a conversation another name, or another mode."""
    read(connection, session_id)
    connection.execute(
        "update app.chat_sessions set title = coalesce(%s, title), mode = coalesce(%s, mode) where session_id = %s",
        [wanted.title, wanted.mode, session_id],
    )
    return read(connection, session_id)


def delete(connection: Connection, session_id: UUID) -> None:
    """Remove a conversation with everything that was said in it."""
    if not connection.execute("delete from app.chat_sessions where session_id = %s", [session_id]).rowcount:
        raise NoSuchChatError("There is no such conversation.")


def say(connection: Connection, session_id: UUID, message: ChatMessage) -> ChatTurn:
    """Take a question: a turn that waits for its answer, or the one that took this very message before."""
    session = read(connection, session_id)
    # who says something in the same conversation at the same time waits here, so that numbers have no gaps
    connection.execute("select from app.chat_sessions where session_id = %s for update", [session_id])
    known = _one(connection, "t.session_id = %s and t.client_message_id = %s", session_id, message.client_message_id)
    if known:
        if known.content != message.content:
            raise ConflictError("Another message has this id already.")
        return known
    _require_room(connection, session_id)
    mode: Mode = message.mode or session.mode
    try:
        follows, rung = threads.place(connection, session_id, message, mode)
    except threads.NoThreadError as error:
        raise ConflictError(str(error)) from error
    row = connection.execute(
        "insert into app.chat_turns (session_id, number, client_message_id, content, mode, follows, rung) "
        "select %(session)s, coalesce(max(t.number), 0) + 1, %(message)s, %(content)s, %(mode)s, %(follows)s, %(rung)s "
        "from app.chat_turns as t where t.session_id = %(session)s returning turn_id",
        {
            "session": session_id, "message": message.client_message_id, "content": message.content, "mode": mode,
            "follows": follows, "rung": rung,
        },
    ).fetchone()  # fmt: skip
    assert row is not None  # noqa: S101 - the session was read above
    connection.execute(
        "update app.chat_sessions set updated_at = clock_timestamp(), title = coalesce(title, %s) "
        "where session_id = %s",
        [_title(message.content), session_id],
    )
    return turn(connection, session_id, row[0])


def _require_room(connection: Connection, session_id: UUID) -> None:
    row = connection.execute(
        "select count(*), count(*) filter (where status in ('queued', 'running')) from app.chat_turns "
        "where session_id = %s",
        [session_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always returns
    if row[0] >= MOST_TURNS:
        raise ConflictError(f"A conversation has at most {MOST_TURNS} questions. Begin a new one.")
    if row[1] >= MOST_WAITING:
        raise BusyError("Wait for the answers to your last questions first.")


def _title(content: str) -> str:
    words = " ".join(content.split())
    return words if len(words) <= TITLE_LENGTH else f"{words[:TITLE_LENGTH].rsplit(' ', 1)[0]}\u2026"


def stop(connection: Connection, session_id: UUID, turn_id: UUID) -> ChatTurn:
    """Say no more of a turn; one that is over stays as it is."""
    turn(connection, session_id, turn_id)
    connection.execute(
        "update app.chat_turns set status = 'stopped', finished_at = clock_timestamp() "
        "where turn_id = %s and status in ('queued', 'running')",
        [turn_id],
    )
    return turn(connection, session_id, turn_id)


def turn(connection: Connection, session_id: UUID, turn_id: UUID) -> ChatTurn:
    """One turn."""
    read(connection, session_id)
    found = _one(connection, "t.session_id = %s and t.turn_id = %s", session_id, turn_id)
    if found is None:
        raise NoSuchChatError("There is no such question in this conversation.")
    return found


def answered(connection: Connection, session_id: UUID, turn_id: UUID) -> ChatTurn:
    """One turn, each citation held against its source as it is now."""
    return as_of_now(connection, [turn(connection, session_id, turn_id)])[0]


def turns(connection: Connection, session_id: UUID, after: str | None, limit: int) -> Page[ChatTurn]:
    """A conversation's turns in order, each citation held against its source as it is now."""
    read(connection, session_id)
    (seen,) = keyset.unpack(after, int) or (0,)
    rows = _many(connection, session_id, seen, limit + 1)
    found = as_of_now(connection, [standing.turn for standing in rows])
    return keyset.page(found, limit, lambda one: (one.number,))


def standing(connection: Connection, session_id: UUID, position: Position, limit: int) -> list[Standing]:
    """The turns of which a reader at `position` does not know everything."""
    return _many(connection, session_id, position.first_wanted - 1, limit)


def newest(connection: Connection, session_id: UUID) -> tuple[int, int]:
    """The number of the last turn, and of the last before the first one that is not over."""
    row = connection.execute(
        "select coalesce(max(number), 0), "
        "coalesce(min(number) filter (where status in ('queued', 'running')) - 1, max(number), 0) "
        "from app.chat_turns where session_id = %s",
        [session_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always returns
    return row[0], row[1]


def as_of_now(connection: Connection, found: Sequence[ChatTurn]) -> list[ChatTurn]:
    """Turns whose citations say whether their source has changed since, or is no longer to be seen."""
    wanted = {one.document_id for each in found if each.answer for one in each.answer.citations}
    rows = connection.execute(
        "select document_id, content_sha256 from content.documents where document_id = any(%s)", [list(wanted)]
    ).fetchall()
    versions: dict[UUID, str | None] = dict(rows)

    def held(one: Citation) -> Citation:
        changed = one.document_id not in versions or versions[one.document_id] != one.version
        return one.model_copy(update={"changed_since": changed})

    return [
        each.model_copy(update={"answer": _with_citations(each.answer, [held(one) for one in each.answer.citations])})
        if each.answer
        else each
        for each in found
    ]


def _with_citations(answer: ChatAnswer, citations: list[Citation]) -> ChatAnswer:
    return answer.model_copy(update={"citations": citations})


def _one(connection: Connection, condition: str, *values: object) -> ChatTurn | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"{TURN} where {condition}", values).fetchone()
    return _standing(row).turn if row else None


def _many(connection: Connection, session_id: UUID, after: object, limit: int) -> list[Standing]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"{TURN} where t.session_id = %s and t.number > %s order by t.number limit %s", [session_id, after, limit]
        ).fetchall()
    return [_standing(row) for row in rows]


def _standing(row: dict[str, Any]) -> Standing:
    cost = Cost(**{name: row.pop(name) for name in ("tokens_in", "tokens_out", "amount", "currency")})
    return Standing(attempt=row.pop("attempt"), turn=ChatTurn(**row, cost=cost))
