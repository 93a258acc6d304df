"""A question on its way to its answer, and the pieces in which the answer comes. It knows neither HTTP nor models."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import Connection

from studium.tutor.models import Models
from studium.tutor.spending import Spending
from studium.tutor.targets import Expected
from studium.wire.chat import UNSUPPORTED, AnswerPart, ChatAnswer, Mode

if TYPE_CHECKING:
    from studium.content.embed import Embedder

Connect = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction bound to who asks."""
PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class Means:
    """What answers are made with."""

    embedder: "Embedder"
    models: Models | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question in its conversation."""

    session_id: UUID
    turn_id: UUID
    course_id: str
    content: str
    spending: Spending = field(default_factory=Spending)
    """Grows while it is answered; what it came to stands however that ends."""
    mode: Mode = "answer"
    rung: int | None = None
    follows: UUID | None = None
    """The turn it goes on with (`threads`)."""


@dataclass(frozen=True, slots=True)
class Words:
    """The next words of an answer; none: it is still being worked on."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The end: the answer whose text the words before it are, and what was found for it."""

    answer: ChatAnswer
    retrieved: list[dict[str, Any]]
    standalone: str | None = None
    route: str | None = None
    prompt_version: str | None = None
    expects: Expected | None = None


Piece = Words | Answered


def told(answer: ChatAnswer) -> Generator[Piece, None, ChatAnswer]:
    """Tell an answer that is whole already."""
    yield Words(answer.statement)
    for part in answer.parts:
        yield Words(part_text(part))
    for notice in answer.notices:
        yield Words(f"{PARAGRAPH}{notice}")
    return answer


def part_text(part: AnswerPart) -> str:
    """A part as it stands in the text: quoted as such, with its places, marked where it has none."""
    text = f"\u201c{part.text}\u201d" if part.made_by == "course" else part.text
    side = f"{part.side}: " if part.side else ""
    marks = [f"[{number}]" for number in part.citations]
    mark = f" ({UNSUPPORTED})" if part.supported is False else ""
    return f"{' ' if part.goes_on else PARAGRAPH}{side}{text}{' ' if marks else ''}{''.join(marks)}{mark}"
