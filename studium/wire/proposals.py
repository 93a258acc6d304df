"""Cards that are proposed: what they ask, what they rest on, and what a learner makes of them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from studium.wire.base import Page, Request, Wire, Words
from studium.wire.cards import MOST_AT_ONCE, CardKind, CourseKey, DeckName, OtherSide, Side, Source, Tags, TopicKey

LONGEST_NOTE = 20_000
MOST_MADE = 50
Maker = Literal["rule", "model"]


class Proposal(Wire):
    """A card one could learn; not yet one's own."""

    proposal_id: UUID
    course_id: str | None
    topic_id: str | None
    kind: CardKind
    front: str
    back: str
    question_html: str = Field(description="What is asked, ready to be shown: cleaned, a cloze with its gap.")
    answer_html: str
    rule: str = Field(description="Which way it was made: glossary, definition, cloze, table, question, ...; model.")
    made_by: str = Field(description="`rule`, or the model that wrote it.")
    source: Source | None


class Proposals(Page[Proposal]):
    """Cards one could learn, those that seem worth most first."""

    notice: str | None = Field(None, description="Why some, or all, are not shown just now.")
    looked_at: datetime | None = Field(None, description="When the course's material was last looked through.")


class Acceptance(Request):
    """Proposals to learn as they are."""

    proposal_ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)
    deck: DeckName | None = Field(None, description="Without one: the deck of the course and topic.")
    tags: Tags = Field([])


class Refusal(Request):
    """Proposals not to be shown again."""

    proposal_ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)


class EditedProposal(Request):
    """A proposal to learn in other words."""

    front: Side
    back: OtherSide = ""
    deck: DeckName | None = None
    tags: Tags = Field([])


class CardsWanted(Request):
    """What to make cards of: one's own text, a file, some passages, or a course (and of it, a section)."""

    course_id: CourseKey | None = None
    topic_id: TopicKey | None = None
    document_id: UUID | None = None
    chunk_ids: list[UUID] = Field([], max_length=MOST_MADE)
    text: Annotated[Words, Field(max_length=LONGEST_NOTE)] | None = Field(None, description="A note of one's own.")
    title: Annotated[Words, Field(max_length=200)] | None = Field(None, description="What the note is about.")
    by: Maker | None = Field(None, description="`rule`: ask no model though there is one.")
    count: int = Field(20, ge=1, le=MOST_MADE)

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        places = [self.text, self.document_id, self.chunk_ids or None]
        named = sum(place is not None for place in places)
        if named > 1 or (named == 0 and self.course_id is None):
            raise ValueError("name one of text, document_id, chunk_ids, or a course")
        return self


class MadeCards(Wire):
    """Cards made now, to be accepted, edited or refused like any proposals."""

    proposals: list[Proposal]
    made_by: str | None = Field(description="`rule`, or the model that wrote them; null: nothing was made.")
    notice: str | None = None
