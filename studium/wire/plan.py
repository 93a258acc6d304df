"""The plan to an exam, what it promises and how sure that is; and how a learner's memory was fitted."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from studium.wire.base import Request, Wire

PlanStatus = Literal["no_exam", "exam_past", "too_far", "no_cards", "waiting", "ready"]
Why = Literal["due", "new", "early"]
Verdict = Literal["too_few", "no_better", "promoted"]
Model = Literal["usual", "own"]
FARTHEST = 365
"""Days to an exam for which a plan is made."""
USUAL_MINUTES = 20


class Expected(Wire):
    """What share of the cards will be known, and between which shares it lies nine times in ten."""

    mean: float
    low: float
    high: float


class PlanDay(Wire):
    """One day of the plan; figures are means over many ways it may go."""

    day: date
    new_cards: float
    reviews: float
    minutes: float
    minutes_allowed: float
    recall: float = Field(description="How likely, on average, a card met so far is known at the end of the day.")


class Alternative(Wire):
    """What other minutes a day would come to."""

    minutes_a_day: int
    expected: Expected
    unseen_cards: float = Field(description="Cards that would never have been met.")
    minutes_a_day_used: float


class Outlook(Wire):
    """A plan as it was worked out."""

    cards: int
    new_cards: int
    reviews_heard: int = Field(description="How many of the learner's own reviews the range rests on.")
    model: Model = Field(description="FSRS with its usual parameters, or with the learner's own.")
    today: Expected = Field(description="If the exam were this morning.")
    expected: Expected = Field(description="On the day. A card that was never met counts as not known.")
    unseen_cards: float
    days: list[PlanDay]
    alternatives: list[Alternative] = Field(description="By minutes a day, the chosen ones among them.")


class StudyPlan(Wire):
    """The way to the exam of a course."""

    course_id: str
    status: PlanStatus
    target_exam_date: date | None
    minutes_a_day: int
    is_minutes_chosen: bool
    made_at: datetime | None = None
    is_making: bool = Field(False, description="It is being worked out anew.")
    is_outdated: bool = Field(False, description="It was made for another exam day or other minutes.")
    outlook: Outlook | None = None


class PlanChange(Request):
    """When the exam is and how much time there is; what is not named stays, a date of null is none."""

    target_exam_date: date | None = None
    minutes_a_day: int | None = Field(None, ge=1, le=1440)


class TodaysCard(Wire):
    """A card of today, and why it is one."""

    card_id: UUID
    why: Why


class PlanToday(Wire):
    """What the plan has done today, the most wanted first."""

    day: date
    cards: list[TodaysCard]
    minutes: float = Field(description="How long that will take, by how long one's answers took so far.")


class Bin(Wire):
    """Reviews of which about the same was expected."""

    expected: float
    recalled: float
    reviews: int


class Agreement(Wire):
    """How well what was expected of reviews agrees with how they went."""

    reviews: int
    log_loss: float
    rmse_bins: float
    calibration: list[Bin]


class Gain(Wire):
    """How much less log-loss, with its interval of nineteen in twenty."""

    mean: float
    low: float
    high: float


class MemoryFit(Wire):
    """What came of fitting FSRS to one's reviews."""

    verdict: Verdict
    reviews: int
    tested: int = Field(description="Reviews a day or more after the one before.")
    needed: int
    judged_from: datetime | None
    before: Agreement | None
    after: Agreement | None
    gain: Gain | None
    fitted_at: datetime


class Memory(Wire):
    """By which parameters one's cards are scheduled, and what the last fit came to."""

    model: Model
    last_fit: MemoryFit | None
