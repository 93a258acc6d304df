"""From a question to its answer, piece by piece. It knows neither HTTP nor who waits for it.

Nothing is held while pieces are taken: each look at the database is a short transaction of the asker's own.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import Connection

from studium.tutor.extractive import answer as quoted
from studium.wire.answers import Answer, Quote
from studium.wire.chat import AnswerPart, ChatAnswer, Citation

if TYPE_CHECKING:
    from studium.content.embed import Embedder

Connect = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction bound to who asks."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question in its conversation."""

    session_id: UUID
    turn_id: UUID
    course_id: str
    content: str


@dataclass(frozen=True, slots=True)
class Words:
    """The next words of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The end: the answer whose text the words before it are, and what was found for it."""

    answer: ChatAnswer
    retrieved: list[dict[str, Any]]


Piece = Words | Answered


def respond(turn: Turn, connect: Connect, embedder: "Embedder") -> Iterator[Piece]:
    """Answer a turn: words as they come, then, last and once, the answer they make."""
    with connect() as connection:
        said = quoted(connection, embedder, turn.content, course_id=turn.course_id)
        answer = _as_chat(connection, said)
    yield Words(answer.statement)
    for part in answer.parts:
        yield Words(f"\n\n\u201c{part.text}\u201d {''.join(f'[{number}]' for number in part.citations)}")
    yield Answered(answer, _retrieved(said))


def _as_chat(connection: Connection, said: Answer) -> ChatAnswer:
    versions: dict[UUID, str | None] = dict(
        connection.execute(
            "select document_id, content_sha256 from content.documents where document_id = any(%s)",
            [[quote.document_id for quote in said.quotes]],
        ).fetchall()
    )
    citations = [
        _citation(number, quote, versions.get(quote.document_id)) for number, quote in enumerate(said.quotes, start=1)
    ]
    return ChatAnswer(
        statement=said.statement,
        shape="passages" if said.answered else "refusal",
        parts=[
            AnswerPart(text=one.quote.strip(), citations=[one.number], supported=True, made_by="course")
            for one in citations
        ],
        citations=citations,
        read_next=said.read_next,
        model=None,
    )


def _citation(number: int, quote: Quote, version: str | None) -> Citation:
    place = quote.model_dump(exclude={"text", "score"})
    return Citation(number=number, quote=quote.text, version=version, **place)


def _retrieved(said: Answer) -> list[dict[str, Any]]:
    quotes = [{"document_id": str(one.document_id), "page": one.page, "score": one.score} for one in said.quotes]
    return [*quotes, *({"document_id": str(one.document_id), "page": one.page} for one in said.read_next)]
