"""What a learner knows of each topic, by which evidence, what to do next, and when they studied."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from studium.wire.base import Request, Wire, Words

Level = Literal["unknown", "weak", "building", "strong"]
EvidenceKind = Literal["card_review", "practice_attempt", "quiz_response"]
ContestReason = Literal["slip", "not_me", "bad_question", "other_topic", "other"]
StepKind = Literal["review", "practise", "read", "rest"]


class TopicMastery(Wire):
    """How well a topic is known, and how sure that is."""

    topic_id: str
    name: str
    position: int
    level: Level = Field(description="unknown: too little evidence to tell.")
    mastery_pct: float | None = Field(description="Middle of the 95 % range; null without evidence.")
    low_pct: float | None
    high_pct: float | None
    card_reviews: int = Field(description="Pieces of evidence that count, by where they come from.")
    practice_attempts: int
    quiz_responses: int
    contested: int
    last_evidence_at: datetime | None


class Mastery(Wire):
    """A course's topics in its order, at the moment of asking."""

    course_id: str
    topics: list[TopicMastery]


class Contest(Wire):
    """What one says against a piece of evidence."""

    reason: ContestReason
    words: str | None
    contested_at: datetime


class Evidence(Wire):
    """One thing that tells how well a topic is known."""

    evidence_id: str
    kind: EvidenceKind
    topic_id: str
    text: str | None = Field(description="The card's front or the question, without its marks; null: not shown now.")
    place: str | None = Field(description="Where it was asked, when that is a module of the course.")
    url: str | None = Field(description="Where it was asked, or what the card or question was made of.")
    score: float = Field(description="Share of the marks; of a card 1 remembered, 0 forgotten.")
    occurred_at: datetime
    weight: float = Field(description="How many fresh answers it tells as much as, now.")
    contest: Contest | None


class ContestEvidence(Request):
    """Say that a piece of evidence does not tell what one knows."""

    reason: ContestReason
    words: Annotated[Words, Field(max_length=500)] | None = None


class NextStep(Wire):
    """Something to do, and why."""

    kind: StepKind
    reason: str = Field(description="One sentence, with the numbers it rests on.")
    minutes: int = Field(description="About how long it takes.")
    count: int | None = Field(None, description="Cards or questions that wait.")
    topic_id: str | None = None
    topic_name: str | None = None
    title: str | None = Field(None, description="Of what is to be read.")
    url: str | None = None


class NextSteps(Wire):
    """What to do next, the best first, and how today stands."""

    course_id: str
    steps: list[NextStep]
    minutes_today: int
    minutes_a_day: int | None = Field(description="What one planned; null: nothing.")
    exam_in_days: int | None


class StudyDay(Wire):
    """One day of one's own, here."""

    day: date
    cards: int
    questions: int
    minutes: int = Field(description="In sessions that began on that day.")


class DueDay(Wire):
    """How many cards come back on a day."""

    day: date
    cards: int


class StudyDays(Wire):
    """When one studied a course here, and when its cards come back, by one's own days."""

    course_id: str
    today: date
    days: list[StudyDay] = Field(description="Days with anything done, the oldest first.")
    due: list[DueDay] = Field(description="Every day from today on; what is overdue counts today.")
    later: int = Field(description="Cards that come back after the last of them.")
    new_cards: int = Field(description="Cards that were never asked.")
