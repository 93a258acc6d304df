"""Practice: the next question, what is made of an answer, and what one knows of one's own knowing."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from studium.wire.answers import Quote
from studium.wire.base import Request, Text, Wire

QuestionType = Literal["multichoice", "truefalse", "shortanswer", "numerical", "match"]
Origin = Literal["moodle", "teacher", "generated"]
Confidence = Literal[1, 2, 3, 4]
CLAIMED: dict[int, float] = {1: 0.25, 2: 0.5, 3: 0.75, 4: 0.95}
"""What the four steps of confidence say in numbers, as the learner is told when they choose one."""


class StudySession(Wire):
    """A stretch of practice and review without a pause of half an hour."""

    session_id: UUID
    course_id: str
    started_at: datetime
    last_activity_at: datetime
    ended_at: datetime | None = Field(description="None while an act may still belong to it.")
    duration_seconds: int
    questions_answered: int
    correct_answers: int
    cards_reviewed: int
    xp_earned: int


class Option(Wire):
    """Something to choose."""

    option_id: int
    text: str


class PracticeQuestion(Wire):
    """A question as it is asked: nothing in it tells the answer."""

    question_id: UUID
    course_id: str
    topic_id: str | None
    topic_name: str | None
    origin: Origin
    made_by: str | None = Field(description="Of a generated one: the model, or that a rule made it.")
    is_yours_alone: bool
    qtype: QuestionType
    text: str = Field(description="Plain text.")
    html: str = Field(description="The same, cleaned, with what of its form means something.")
    several: bool = Field(description="Of multiple choice: more than one may be right.")
    options: list[Option]
    prompts: list[str] = Field(description="Of matching: what an option is to be found for, in order.")


class Standing(Wire):
    """How able one is in one topic or altogether, as questions are chosen by it; what one knows says mastery."""

    topic_id: str | None
    topic_name: str | None
    level: float = Field(description="In logits: 0 is even odds at a question of difficulty 0.")
    uncertainty: float = Field(description="Standard deviation of `level`.")
    answers: int
    questions: int = Field(description="That may be practised.")


class KeptBack(Wire):
    """A quiz whose questions are not practised yet, and why."""

    name: str
    why: str


class Next(Wire):
    """The question to answer now, and why this one; or why there is none."""

    question: PracticeQuestion | None
    why: str
    p_correct: float | None
    again_at: datetime | None = Field(description="When the first question that rests may come again.")
    available: int
    resting: int
    kept_back: list[KeptBack]


class AnswerGiven(Request):
    """An answer, and how sure one is of it."""

    question_id: UUID
    choices: list[Annotated[int, Field(ge=0, lt=200)]] | None = Field(
        None, max_length=200, description="option_id of what was chosen; of matching, one for each prompt in order."
    )
    text: Annotated[Text, Field(max_length=1000)] | None = Field(None, description="What was typed.")
    confidence_level: Confidence | None = Field(None, description="1 guessing, 2 unsure, 3 fairly sure, 4 sure.")
    time_taken_seconds: float | None = Field(None, ge=0, le=86_400)


class Attempt(Wire):
    """An answer that was given, with the estimates before and after it."""

    attempt_id: UUID
    question_id: UUID
    topic_id: str | None
    session_id: UUID | None
    is_correct: bool
    fraction: float
    time_taken_seconds: float | None
    confidence_level: int | None
    ability_before: float
    ability_after: float
    uncertainty_before: float
    uncertainty_after: float
    difficulty_before: float
    difficulty_after: float
    p_correct: float
    is_repeated: bool
    answered_at: datetime


class Judged(Wire):
    """What is made of an answer, and the page to read on."""

    attempt: Attempt
    given: str = Field(description="The answer as it was understood.")
    right_answer: str
    said: list[str] = Field(description="What the question's author says to this answer, and to any.")
    quotes: list[Quote] = Field(description="Where the course says it, as far as one may read there.")
    session: StudySession | None


class ConfidenceStep(Wire):
    """How often answers given with one step of confidence were right."""

    confidence_level: int
    claimed: float
    answers: int
    right: float | None
    low: float | None = Field(description="95 % range of `right` (Wilson).")
    high: float | None


class Calibration(Wire):
    """How well one knows what one knows."""

    answers: int
    steps: list[ConfidenceStep]
    gap: float | None = Field(description="Claimed minus right, in shares: above 0 one is surer than one is right.")
    gap_low: float | None
    gap_high: float | None
    brier: float | None = Field(description="Mean squared distance of what was claimed from what was: 0 best, 1 worst.")
    verdict: str
