"""What a reader of a conversation is told next: from what they know and how its turns stand, to frames. Pure.

A turn may be begun again when whoever answered it died. Its text then begins anew, and so does what is told of it: a
reader replaces what stands beyond a chunk's offset.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studium.wire.chat import Asked, ChatTurn, Done, Streaming

POSITION = re.compile(r"(\d{1,9})(?:\.(\d{1,9})\.(\d{1,9}))?", re.ASCII)
PARAGRAPH = re.compile(r".+?(?:\n\n+|\Z)", re.DOTALL)
FINAL = frozenset({"done", "failed", "stopped"})


@dataclass(frozen=True, slots=True)
class Position:
    """What a reader knows: every turn up to `number`; of that one, while it is not over, `offset` characters."""

    number: int = 0
    attempt: int | None = None
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.number}" if self.attempt is None else f"{self.number}.{self.attempt}.{self.offset}"

    @property
    def first_wanted(self) -> int:
        """The first turn of which something is not known."""
        return self.number + (self.attempt is None)


def read_position(text: str) -> Position:
    """The position somebody came back with; `ValueError` when it is none."""
    found = POSITION.fullmatch(text)
    if not found:
        raise ValueError("This is no position.")
    number, attempt, offset = found.groups()
    return Position(int(number)) if attempt is None else Position(int(number), int(attempt), int(offset))


@dataclass(frozen=True, slots=True)
class Standing:
    """A turn, and how often somebody has begun to answer it."""

    turn: ChatTurn
    attempt: int


def bounded(position: Position, newest: int) -> Position:
    """A position that may be of another time, made one of this conversation."""
    return position if position.number <= newest else Position(newest)


def tell(position: Position, turns: Sequence[Standing]) -> Iterator[tuple[Position, Asked | Streaming | Done]]:
    """The frames that are new after `position`, each with where its reader then is.

    Args:
        position: what the reader knows.
        turns: from `position.first_wanted` on, in order.
    """
    for standing in turns:
        turn, attempt = standing.turn, standing.attempt
        if position.attempt is None:
            position = Position(turn.number, 0)
            told = {"turn_id": turn.turn_id, "client_message_id": turn.client_message_id, "content": turn.content}
            yield position, Asked(position=str(position), **told)
        known = position.offset if position.attempt == attempt and position.offset <= len(turn.text) else 0
        if known < position.offset and not turn.text:
            position = Position(turn.number, attempt)
            yield position, Streaming(position=str(position), turn_id=turn.turn_id, offset=0, chunk="")
        for chunk in PARAGRAPH.findall(turn.text, known):
            position = Position(turn.number, attempt, known + len(chunk))
            yield position, Streaming(position=str(position), turn_id=turn.turn_id, offset=known, chunk=chunk)
            known += len(chunk)
        if turn.status not in FINAL:
            return  # the turns after it are answered after it
        position = Position(turn.number)
        yield position, _done(position, turn)


def _done(position: Position, turn: ChatTurn) -> Done:
    return Done(
        position=str(position),
        turn_id=turn.turn_id,
        status=turn.status,
        answer=turn.answer,
        citations=turn.answer.citations if turn.answer else [],
        cost=turn.cost,
        error=turn.error,
    )
