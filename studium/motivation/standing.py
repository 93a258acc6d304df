"""Where a learner stands: what the rules remember from act to act, and what they say of one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from studium.events import Kind, Verb

Reason = Literal[
    "new_card", "review", "question", "wrong", "guessed", "again", "early", "hasty", "enough_new", "day_full", "undone"
]
Outcome = Literal["counted", "frozen", "missed", "ended"]
GoalKind = Literal["daily_xp", "weekly_days"]
FIRST_FREEZES = 1


@dataclass(frozen=True)
class Act:
    """An act as its event tells it."""

    event_id: UUID
    verb: Verb
    kind: Kind
    object_id: str
    result: dict[str, Any]
    zone: str
    happened_at: datetime
    course_id: str | None = None
    learner_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """A row of the ledger: what one act earned, and why no more."""

    event_id: UUID
    kind: Kind
    object_id: str
    course_id: str | None
    learner_id: str | None
    day: date
    xp: int
    reason: Reason
    happened_at: datetime
    voids: UUID | None = None


@dataclass(frozen=True)
class Before:
    """What the ledger says of an act's object: its last entry that stands, and whether one that stands earned today."""

    last: Entry | None = None
    earned_today: bool = False


@dataclass(frozen=True)
class Closing:
    """A day that is over."""

    day: date
    xp: int
    acts: int
    outcome: Outcome
    streak: int
    best_streak: int
    freezes: int
    daily_goal: int | None
    goal_met: bool


@dataclass(frozen=True)
class Standing:
    """A learner's state, with the day that is open."""

    zone: str
    open_day: date
    xp: int = 0
    reviews: int = 0
    right_answers: int = 0
    streak: int = 0
    """Days in a row up to the last that is closed; the open one joins when it closes."""
    best_streak: int = 0
    freezes: int = FIRST_FREEZES
    goal_days: int = 0
    daily_goal: int | None = None
    weekly_goal: int | None = None
    today_xp: int = 0
    today_acts: int = 0
    today_new: int = 0
    today_margin: int = 0
    """By how many more questions were answered right than wrong."""
    last_act_at: datetime | None = None

    @property
    def today_counts(self) -> bool:
        """Whether the open day is one of the streak already."""
        return self.today_xp > 0

    @property
    def running_streak(self) -> int:
        """The streak with the open day."""
        return self.streak + self.today_counts

    @property
    def best(self) -> int:
        """The best streak there ever was, the running one included."""
        return max(self.best_streak, self.running_streak)
