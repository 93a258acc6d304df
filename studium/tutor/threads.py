"""Which earlier turn a message goes on with: the question a further hint is to, or what the tutor asked back."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from studium.wire.chat import ChatMessage, Mode

LAST_RUNG = 4
ANEW = re.compile(
    r"^\W*(?:quiz me|test me|ask me|another|next|skip|(?:a )?new (?:question|topic))\b"
    r"(?:\W+(?:question|topic|one|please))*(?:\W+(?:on|about)\b)?\W*",
    re.IGNORECASE,
)
"""What begins something new instead of replying to what was asked."""
HINTS = """
select question.turn_id, coalesce(max(hint.rung), 0)
from app.chat_turns as named
join app.chat_turns as question on question.turn_id = coalesce(named.follows, named.turn_id)
left join app.chat_turns as hint
    on question.turn_id in (hint.turn_id, hint.follows) and hint.status not in ('failed', 'stopped')
where named.turn_id = %s and named.session_id = %s and named.mode = 'hints' and question.mode = 'hints'
group by question.turn_id
"""
ASKING = """
select last.turn_id from app.chat_turns as last
where last.session_id = %(session)s and last.mode = %(mode)s and last.expects is not null
    and last.number = (select max(t.number) from app.chat_turns as t where t.session_id = %(session)s)
"""


FEWEST_TOKENS, TOPICS = 60, 4
ANY = """
select coalesce(c.heading, d.title)
from content.passages as p
join content.chunks as c on c.chunk_id = p.chunk_id
join content.documents as d on d.document_id = p.document_id
where d.course_id = %s and p.token_count >= %s order by md5(p.passage_id::text || %s::text) limit %s
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """The turn that is gone on with: its question as it reads by itself, and what it asked back."""

    question: str
    expects: dict[str, Any] | None


class NoThreadError(Exception):
    """The turn that was named cannot be gone on with; the message says why."""


def place(connection: Connection, session_id: UUID, message: ChatMessage, mode: Mode) -> tuple[UUID | None, int | None]:
    """The turn a message goes on with, and which hint it then is. Raises `NoThreadError`."""
    if mode == "hints":
        return _next_hint(connection, session_id, message.follows) if message.follows else (None, 1)
    if mode == "answer" or ANEW.match(message.content):
        return None, None
    row = connection.execute(ASKING, {"session": session_id, "mode": mode}).fetchone()
    return (row[0], None) if row else (None, None)


def _next_hint(connection: Connection, session_id: UUID, turn_id: UUID) -> tuple[UUID | None, int]:
    row = connection.execute(HINTS, [turn_id, session_id]).fetchone()
    if row is None:
        raise NoThreadError("There is no question here that hints were asked for.")
    if row[1] >= LAST_RUNG:
        raise NoThreadError("That was the last hint to this question.")
    return row[0], row[1] + 1


def followed(connection: Connection, turn_id: UUID) -> Followed | None:
    """The turn of that name, to go on with."""
    row = connection.execute(
        "select coalesce(standalone, content), expects from app.chat_turns where turn_id = %s", [turn_id]
    ).fetchone()
    return Followed(*row) if row else None


def topic_of(content: str) -> str:
    """What a message wants to be asked about; nothing: whatever comes next."""
    return ANEW.sub("", content).strip(" ?!.")


def any_topics(connection: Connection, course_id: str, turn_id: UUID) -> list[str]:
    """What some longer passages of a course are headed, others for each turn."""
    rows = connection.execute(ANY, [course_id, FEWEST_TOKENS, turn_id, TOPICS]).fetchall()
    return list(dict.fromkeys(row[0] for row in rows))


def asked_before(connection: Connection, session_id: UUID, mode: Mode) -> list[dict[str, Any]]:
    """What the tutor asked in a conversation's turns of a mode, the last first."""
    rows = connection.execute(
        "select expects from app.chat_turns where session_id = %s and mode = %s and expects is not null "
        "order by number desc",
        [session_id, mode],
    ).fetchall()
    return [row[0] for row in rows]
