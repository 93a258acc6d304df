"""What the tutor asked back, as it is kept with the turn that asked: whose words answer it, and where they stand.

They are kept, never told, until there was a reply. Whether the learner may still see the place is looked at again then.
"""

from typing import TYPE_CHECKING, Literal
from uuid import UUID

from psycopg import Connection
from pydantic import BaseModel

from studium.retrieval.search import search
from studium.tutor.evidence import Quote
from studium.wire.chat import ChatAnswer

if TYPE_CHECKING:
    from studium.content.embed import Embedder

AMONG = 5
GONE = "The place this was asked from is not there any more, or is no longer shown to you. Ask for another question."


class Target(BaseModel):
    """A stretch of a chunk's text that answers what was asked."""

    chunk_id: UUID
    start: int
    end: int
    text: str


class Expected(BaseModel):
    """What a turn asked back."""

    kind: Literal["words", "gaps", "term"]
    """Something in one's own words, the words of gaps, or one term."""
    asked: str
    """The question or topic it came from."""
    target: Target
    wanted: list[str] = []
    """The words of the text that a reply is held against, as `studium.tutor.words` has them; or the term's names."""
    left: list[Target] = []
    """What can be asked after it."""


def target(quote: Quote) -> Target:
    """A quote, to be found again."""
    return Target(chunk_id=quote.passage.chunk_id, start=quote.start, end=quote.end, text=quote.text)


def again(connection: Connection, embedder: "Embedder", wanted: Target, course_id: str) -> Quote | None:
    """The quote, as the account may see it now; None when it stands there no more, or not for them."""
    for passage in search(connection, embedder, wanted.text, course_id=course_id, limit=AMONG):
        if passage.chunk_id == wanted.chunk_id and passage.chunk_text[wanted.start : wanted.end] == wanted.text:
            return Quote(passage, wanted.start, wanted.end, passage.score)
    return None


def gone() -> ChatAnswer:
    """That what was asked cannot be gone on with."""
    return ChatAnswer(statement=GONE, shape="refusal", parts=[], citations=[], read_next=[], model=None)
