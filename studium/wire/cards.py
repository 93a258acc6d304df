"""Cards: what is asked and answered, how well it is remembered, and how somebody wants to study."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from studium.wire.base import COURSE_KEY, Request, Text, Wire, Words
from studium.wire.courses import PageKind

LONGEST_SIDE = 10_000
MOST_AT_ONCE = 200
MOST_TAGS = 50
Scheduler = Literal["fsrs", "sm2"]
CardKind = Literal["basic", "cloze"]
Markup = Literal["markdown", "html"]
Origin = Literal["hand", "note", "tutor", "glossary", "question", "generated", "anki", "file"]
CardState = Literal["new", "learning", "review", "relearning"]
SourceStatus = Literal["unchanged", "changed", "gone"]
Show = Literal["new", "learning", "review", "suspended", "buried"]
Rating = Annotated[int, Field(ge=1, le=4, description="1 again, 2 hard, 3 good, 4 easy.")]
Side = Annotated[Words, Field(max_length=LONGEST_SIDE)]
OtherSide = Annotated[Text, Field(max_length=LONGEST_SIDE)]
DeckName = Annotated[Words, Field(max_length=200)]
Tag = Annotated[Words, Field(max_length=100), AfterValidator(lambda tag: "_".join(tag.split()))]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS)]
CourseKey = Annotated[str, Field(pattern=COURSE_KEY)]
TopicKey = Annotated[Words, Field(max_length=200)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Topic(Wire):
    """A section of a course."""

    topic_id: str
    course_id: str
    name: str
    position: int


class Deck(Wire):
    """A stack of one's own cards."""

    deck_id: UUID
    course_id: str | None
    topic_id: str | None
    name: str
    cards: int
    new_cards: int
    created_at: datetime


class NewDeck(Request):
    """A deck to begin."""

    name: DeckName
    course_id: CourseKey | None = None
    topic_id: TopicKey | None = None


class DeckChange(Request):
    """What can be changed of a deck."""

    name: DeckName


class TagCount(Wire):
    """A tag, and how many of one's cards carry it."""

    tag: str
    cards: int


class NewFlashcard(Request):
    """A card by hand, or from a passage one was shown: named by `chunk_id`, or quoted from its document.

    A cloze's front holds its gaps as `{{c1::hidden::hint}}`; it becomes one card for each number.
    """

    front: Side
    back: OtherSide = ""
    kind: CardKind = "basic"
    course_id: CourseKey | None = Field(
        None, description="Of a card from a passage: the passage's, when none is named."
    )
    topic_id: TopicKey | None = None
    deck: DeckName | None = Field(None, description="Without one: the deck of the course and topic.")
    tags: Tags = Field([])
    chunk_id: UUID | None = Field(None, description="The passage it is made of.")
    document_id: UUID | None = Field(None, description="The document of the quote, as the tutor cites it.")
    quote: Annotated[Words, Field(max_length=2000)] | None = Field(
        None, description="What the passage says, word for word."
    )

    @model_validator(mode="after")
    def _has_an_answer(self) -> Self:
        if self.kind == "basic" and not self.back.strip():
            raise ValueError("a card needs a back, unless it is a cloze")
        if self.document_id is not None and self.quote is None:
            raise ValueError("a document is named with what is quoted of it")
        return self


class CardChange(Request):
    """What can be changed of a card; what is not named stays."""

    front: Side | None = None
    back: OtherSide | None = None
    deck: DeckName | None = None
    tags: Tags | None = None
    suspended: bool | None = Field(None, description="A suspended card is not asked until it is no longer.")
    buried: bool | None = Field(None, description="A buried card is not asked before tomorrow.")
    source_accepted: Literal[True] | None = Field(None, description="The card is right for its page as it is now.")


class CardsChange(Request):
    """The same change to several cards."""

    card_ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)
    deck: DeckName | None = None
    add_tags: Tags = Field([])
    remove_tags: Tags = Field([])
    suspended: bool | None = None
    buried: bool | None = None
    deleted: Literal[True] | None = None


class Changed(Wire):
    """How many cards a change met."""

    cards: int


class Source(Wire):
    """The place of the course a card comes from, as far as one may see it."""

    status: SourceStatus
    quote: str | None
    document_id: UUID | None
    title: str | None
    page: int | None
    page_kind: PageKind | None
    open_url: str | None
    text: str | None = Field(None, description="The passage as it reads now.")


class Choice(Wire):
    """What a rating would do."""

    rating: Rating
    due_at: datetime


class Flashcard(Wire):
    """One card of one's own."""

    card_id: UUID
    deck_id: UUID
    deck: str
    course_id: str | None
    topic_id: str | None
    note_id: UUID | None
    kind: CardKind
    cloze_number: int | None
    front: str
    back: str
    markup: Markup
    question_html: str = Field(description="What is asked, ready to be shown: cleaned, a cloze with its gap.")
    answer_html: str
    tags: list[str]
    origin: Origin
    state: CardState
    scheduler: Scheduler
    due_at: datetime | None
    reps: int
    lapses: int
    last_reviewed_at: datetime | None
    stability_days: float | None
    difficulty: float | None
    recall: float | None = Field(description="How likely it is known now, as FSRS says; null for new cards and SM-2.")
    is_suspended: bool
    buried_until: date | None
    source: Source | None
    choices: list[Choice] = Field([], description="Of cards that are asked: when each rating would bring it back.")
    created_at: datetime
    updated_at: datetime


class Flashcards(Wire):
    """Cards that were made."""

    cards: list[Flashcard]


class DueCards(Wire):
    """What is to be asked now, in this order, and how much there is today."""

    cards: list[Flashcard]
    learning: int
    review: int
    new: int
    new_left_today: int
    reviewed_today: int
    next_due_at: datetime | None = Field(description="When the next card comes, where none is due.")
    early: int = Field(0, description="Where none is due: how many the plan to an exam that is near looks at early.")


class ReviewGiven(Request):
    """How one knew a card."""

    rating: Rating
    duration_ms: int | None = Field(None, ge=0, le=24 * 3600 * 1000)


class Review(Wire):
    """A review that is kept, and the card as it is by it (or, undone, as it was before)."""

    review_id: UUID
    card_id: UUID
    rating: Rating
    reviewed_at: datetime
    is_repeated: bool = Field(description="It was kept before under this key; nothing happened now.")
    undone_at: datetime | None
    elapsed_days: float | None
    predicted_recall: float | None
    due_at: datetime | None = Field(description="Null: the card is new again, as its only review was undone.")
    state: CardState
    stability_days: float | None
    difficulty: float | None


class PastReview(Wire):
    """One of a card's reviews."""

    review_id: UUID
    rating: Rating
    reviewed_at: datetime
    duration_ms: int | None
    elapsed_days: float | None
    predicted_recall: float | None
    scheduler_version: str
    due_after: datetime
    source: Literal["review", "import"]
    undone_at: datetime | None


class StudySettings(Wire):
    """How one studies a course (or, without one, cards of no course)."""

    course_id: str | None
    scheduler: Scheduler = "fsrs"
    desired_retention: float = 0.9
    new_per_day: int = 20
    easy_days: list[int] = [100] * 7
    target_exam_date: date | None = None
    minutes_a_day: int | None = None


class SettingsChange(Request):
    """What can be changed of them; what is not named stays."""

    scheduler: Scheduler | None = None
    desired_retention: float | None = Field(None, ge=0.7, le=0.99)
    new_per_day: int | None = Field(None, ge=0, le=9999)
    easy_days: list[Percent] | None = Field(
        None, min_length=7, max_length=7, description="Percent of the usual work, Monday first; 0: a day off."
    )
    target_exam_date: date | None = None
    minutes_a_day: int | None = Field(None, ge=1, le=1440)
