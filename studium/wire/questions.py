"""What is asked in a course, for those who teach it: never who asked, nor a conversation."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from studium.wire.base import Request, Wire, Words
from studium.wire.chat import AnswerPart, Citation, Shape
from studium.wire.courses import PageKind
from studium.wire.feedback import Reason, ReportStatus

LEAST_ASKERS = 3
"""Fewer people than this are never told of."""
GoldenKind = Literal["answerable", "unanswerable"]
CorrectedQuestion = Annotated[Words, Field(max_length=500)]
CorrectedWords = Annotated[Words, Field(max_length=4000)]


class Spot(Wire):
    """A place in the course, with how often answers rested on it."""

    document_id: UUID
    title: str
    module_name: str | None
    page: int | None
    page_kind: PageKind | None
    source_url: str | None
    open_url: str
    asks: int
    askers: int


class Topic(Wire):
    """Questions that are alike, from at least `LEAST_ASKERS` people."""

    words: list[str] = Field(description="Words that at least `LEAST_ASKERS` of them used; none: they share no word.")
    asks: int
    askers: int
    refused: int
    unsure: int
    likeness: float = Field(description="Mean cosine of two of the questions; 1: all the same.")
    places: list[Spot] = Field(description="Where answers stood; of what was not answered, the places nearest to it.")


class Share(Wire):
    """A part of a whole, with the 95 % interval (Wilson) of what it is in the long run."""

    count: int
    of: int
    low_pct: float
    high_pct: float


class Digest(Wire):
    """What was asked in a course in a period. Where fewer than `LEAST_ASKERS` asked, nothing but that is told."""

    since: date
    until: date
    is_withheld: bool
    is_cut: bool = Field(description="More was asked than is looked at; this is of the newest.")
    asks: int
    askers: int
    refused: Share | None
    unsure: Share | None
    helpful: Share | None = Field(description="Of the thumbs, those up; none: too few people gave any.")
    topics: list[Topic]
    gaps: list[Topic] = Field(description="Topics of what was refused, or answered unsurely, alone.")
    places: list[Spot]
    asks_in_no_topic: int


class QuestionsAsked(Wire):
    """The digest as it was last made, and whether a new one is on its way."""

    course_id: str
    made_at: datetime | None
    request: Literal["queued", "running"] | None
    digest: Digest | None
    open_reports: int


class ReportedText(Wire):
    """An answer, as far as it rests on material that is everybody's in the course."""

    statement: str
    shape: Shape
    model: str | None
    parts: list[AnswerPart]
    citations: list[Citation]


class Retrieved(Wire):
    """A place that was found for a question."""

    document_id: UUID
    title: str
    page: int | None = None
    chunk_id: UUID | None = None
    score: float | None = None


class ReportedAnswer(Wire):
    """An answer a learner found bad, and agreed to show."""

    report_id: UUID
    course_id: str
    question: str
    answer: ReportedText
    retrieved: list[Retrieved]
    is_withheld: bool
    reason: Reason
    words: str | None
    asked_on: date
    reported_on: date
    status: ReportStatus
    handled_on: date | None


class ReportChange(Request):
    """Put a reported answer aside, or back into the queue."""

    status: Literal["open", "dismissed"]


class NewCorrection(Request):
    """What a question should be answered with. Everybody in the course will find it."""

    question: CorrectedQuestion
    words: CorrectedWords
    report_id: UUID | None = Field(None, description="The reported answer it corrects, which is then done.")
    cited_document_id: UUID | None = None
    cited_page: int | None = Field(None, ge=1)


class Correction(Wire):
    """A teacher's answer to a question."""

    correction_id: UUID
    course_id: str
    question: str
    words: str
    cited_document_id: UUID | None
    cited_page: int | None
    written_at: datetime
    withdrawn_at: datetime | None
    status: Literal["processing", "ready", "failed"] | None = Field(
        description="Ready: answers find it. None: it is withdrawn, or its document was removed."
    )


class NewGolden(Request):
    """A question that measures the tutor, with the exact words of the course that answer it."""

    question: CorrectedQuestion
    kind: GoldenKind
    document_id: UUID | None = None
    quote: CorrectedWords | None = None
    note: Annotated[Words, Field(max_length=1000)] | None = None
    report_id: UUID | None = None

    @model_validator(mode="after")
    def _has_words_where_there_are_some(self) -> Self:
        given = (self.document_id is not None, self.quote is not None)
        if given != ((self.kind == "answerable"),) * 2:
            raise ValueError("an answerable question has a document and the words in it, an unanswerable one neither")
        return self


class GoldenQuestion(Wire):
    """A question that is asked by `studium evaluate --questions course`."""

    golden_id: UUID
    course_id: str
    question: str
    kind: GoldenKind
    quotes: list[str]
    note: str | None
    written_at: datetime
