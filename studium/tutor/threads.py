"""Which earlier turn a message goes on with: the question a further hint is to, or what the tutor asked back."""

import re
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
select last.turn_id, coalesce(last.rung, 0) + 1 from app.chat_turns as last
where last.session_id = %(session)s and last.mode = %(mode)s and last.expects is not null
    and last.number = (select max(t.number) from app.chat_turns as t where t.session_id = %(session)s)
"""


class NoThreadError(Exception):
    """The turn that was named cannot be gone on with; the message says why."""


def place(connection: Connection, session_id: UUID, message: ChatMessage, mode: Mode) -> tuple[UUID | None, int | None]:
    """The turn a message goes on with, and which hint or try it then is. Raises `NoThreadError`."""
    if mode == "hints":
        return _next_hint(connection, session_id, message.follows) if message.follows else (None, 1)
    if mode == "answer" or ANEW.match(message.content):
        return None, None
    row = connection.execute(ASKING, {"session": session_id, "mode": mode}).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _next_hint(connection: Connection, session_id: UUID, turn_id: UUID) -> tuple[UUID | None, int]:
    row = connection.execute(HINTS, [turn_id, session_id]).fetchone()
    if row is None:
        raise NoThreadError("There is no question here that hints were asked for.")
    if row[1] >= LAST_RUNG:
        raise NoThreadError("That was the last hint to this question.")
    return row[0], row[1] + 1
