"""Conversations with the tutor: what is asked, what is answered, and how a socket or a stream tells it.

A `position` is what its reader knows so far; who comes back with it is told the rest. `offset` is where a chunk
belongs: what the reader has of the turn beyond it is replaced, so that nothing can stand twice.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import Field, TypeAdapter

from studium.wire.answers import Reading
from studium.wire.base import COURSE_KEY, Request, Wire, Words
from studium.wire.courses import PageKind

LONGEST_MESSAGE = 2000
LONGEST_TITLE = 200
UNSUPPORTED = "no support found in the course"
TurnStatus = Literal["queued", "running", "done", "failed", "stopped"]
Mode = Literal["answer", "hints", "socratic", "quiz"]
Shape = Literal[
    "definition", "steps", "comparison", "passages", "explanation", "hint", "question", "judgement", "refusal", "held"
]
Content = Annotated[Words, Field(max_length=LONGEST_MESSAGE)]
Title = Annotated[Words, Field(max_length=LONGEST_TITLE)]


class NewChat(Request):
    """A conversation to begin."""

    course_id: str = Field(pattern=COURSE_KEY)
    title: Title | None = Field(None, description="Without one, the first question names it.")
    mode: Mode = "answer"


class ChatChange(Request):
    """What can be changed of a conversation; what is not named stays."""

    title: Title | None = None
    mode: Mode | None = Field(None, description="How questions that name no mode are met from now on.")


class ChatSession(Wire):
    """A conversation of one's own with the tutor of a course."""

    session_id: UUID
    course_id: str
    title: str | None
    mode: Mode = "answer"
    turns: int
    created_at: datetime
    updated_at: datetime


class ChatMessage(Request):
    """A question. Sent again with the same `client_message_id`, it is not asked twice."""

    content: Content
    client_message_id: UUID = Field(default_factory=uuid4)
    mode: Mode | None = Field(None, description="For this message alone; null: the conversation's.")
    follows: UUID | None = Field(None, description="The turn to whose question the next hint is wanted.")


class Citation(Wire):
    """Where an answer stands in the course, and the words it stands on."""

    number: int
    document_id: UUID
    title: str
    module_name: str | None
    section_name: str | None
    page: int | None
    page_kind: PageKind | None
    chapter: str | None
    heading: str | None
    before: str
    quote: str
    after: str
    version: str | None = Field(description="SHA-256 of the file as it was quoted.")
    changed_since: bool = Field(False, description="The file is another by now, or no longer to be seen.")
    source_url: str | None
    open_url: str


class AnswerPart(Wire):
    """A piece of an answer, and the citations it rests on."""

    text: str
    citations: list[int]
    supported: bool | None = Field(description="Whether what it cites says so; null: not looked at.")
    made_by: Literal["course", "model", "rule"] = Field(
        description="`rule`: put together from the course's words and headings by fixed rules."
    )
    goes_on: bool = Field(False, description="It stands in the same paragraph as the part before it.")
    side: str | None = Field(None, description="Of a comparison: which of the two it is about.")


class ChatAnswer(Wire):
    """An answer with where it is from."""

    statement: str
    shape: Shape
    parts: list[AnswerPart]
    citations: list[Citation]
    read_next: list[Reading]
    model: str | None = Field(description="Null: no model composed anything, the course is quoted.")
    notices: list[str] = Field(default_factory=list)
    asks: bool = Field(False, description="The next message in this mode replies to it.")
    cost_is_estimated: bool = Field(
        False, description="The model's server did not count; what it cost was counted here."
    )


class Cost(Wire):
    """What an answer cost; nothing where no model took part."""

    tokens_in: int
    tokens_out: int
    amount: float
    currency: str | None


class ChatTurn(Wire):
    """A question and its answer, as far as it has come; `number` is also a `position`: all up to this turn."""

    turn_id: UUID
    number: int
    client_message_id: UUID
    content: str
    mode: Mode = "answer"
    rung: int | None = Field(None, description="Which hint it is, from 1 to 4.")
    follows: UUID | None = Field(None, description="The turn it is a further hint to, or the one it replies to.")
    status: TurnStatus
    text: str = Field(description="The answer as it was told.")
    answer: ChatAnswer | None
    cost: Cost
    error: str | None
    created_at: datetime
    finished_at: datetime | None


class ChatExport(Wire):
    """A whole conversation."""

    session: ChatSession
    turns: list[ChatTurn]


class Connected(Wire):
    """The first frame: everything after `position` will be told."""

    kind: Literal["connected"] = "connected"
    session_id: UUID
    position: str


class Asked(Wire):
    """A question was taken, here or in another tab."""

    kind: Literal["message"] = "message"
    position: str
    turn_id: UUID
    client_message_id: UUID
    content: str


class Streaming(Wire):
    """A piece of an answer; `offset` characters stand before it."""

    kind: Literal["streaming"] = "streaming"
    position: str
    turn_id: UUID
    offset: int
    chunk: str


class Done(Wire):
    """The end of a turn, whichever it is; `answer` is there when its status is `done`."""

    kind: Literal["done"] = "done"
    position: str
    turn_id: UUID
    status: TurnStatus
    answer: ChatAnswer | None
    citations: list[Citation]
    cost: Cost
    error: str | None


class ChatHeartbeat(Wire):
    """Nothing happened, and the reader may still listen."""

    kind: Literal["heartbeat"] = "heartbeat"
    position: str


class ChatError(Wire):
    """Something that was said cannot be done; `code` is the status it would have over HTTP."""

    kind: Literal["error"] = "error"
    code: int
    detail: str
    client_message_id: UUID | None = None
    retry_after: int | None = None


Frame = Annotated[Connected | Asked | Streaming | Done | ChatHeartbeat | ChatError, Field(discriminator="kind")]
FRAME: TypeAdapter[Connected | Asked | Streaming | Done | ChatHeartbeat | ChatError] = TypeAdapter(Frame)


class SayMessage(ChatMessage):
    """Ask."""

    kind: Literal["message"]


class SayStop(Request):
    """Say no more of this turn."""

    kind: Literal["stop"]
    turn_id: UUID


Said = Annotated[SayMessage | SayStop, Field(discriminator="kind")]
SAID: TypeAdapter[SayMessage | SayStop] = TypeAdapter(Said)
