"""What somebody has earned, how their days go, and what they want to do: their own alone."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator

from studium.motivation.goals import is_goal
from studium.motivation.standing import GoalKind, Outcome, Reason
from studium.wire.base import Request, Wire


class LevelReached(Wire):
    """A level, the points it begins at and those the next begins at."""

    number: int
    begins_at: int
    next_at: int


class Streak(Wire):
    """Days in a row on which points were earned, by one's own midnights."""

    days: int = Field(description="With today, once it counts.")
    best: int
    counts_today: bool
    freezes: int = Field(description="Days that may be missed without an end of the streak.")
    most_freezes: int
    freeze_every: int = Field(description="One more freeze after so many days in a row.")


class Goal(Wire):
    """What one wants to do in a day or a week, and how far one is."""

    kind: GoalKind
    target: int | None
    done: int


class BadgeMark(Wire):
    """A mark on the way; `awarded_at` is null until it is reached."""

    name: str
    title: str
    what: str
    least: int
    done: int
    awarded_at: datetime | None


class Earned(Wire):
    """What one act earned, and why no more."""

    event_id: UUID
    happened_at: datetime
    object_type: Literal["flashcard", "question"]
    course_id: str | None
    xp: int
    reason: Reason


class DayClosed(Wire):
    """A day that is over."""

    day: date
    xp: int
    acts: int
    outcome: Outcome
    streak: int
    goal_met: bool


class Motivation(Wire):
    """Where somebody stands at this moment."""

    timezone: str
    today: date
    xp: int = Field(description="All points for acts here; they never become fewer by time.")
    level: LevelReached
    today_xp: int
    most_a_day: int
    streak: Streak
    goals: list[Goal]
    badges: list[BadgeMark]
    days: list[DayClosed] = Field(description="Of the last four weeks, the newest first.")
    earned: list[Earned] = Field(description="The last acts, the newest first; at most 20.")


class GoalChoice(Request):
    """A goal; null for none."""

    kind: GoalKind
    target: int | None

    @model_validator(mode="after")
    def _can_be_one(self) -> "GoalChoice":
        if not is_goal(self.kind, self.target):
            raise ValueError("a goal is 1 to 200 points a day, or 1 to 7 days a week")
        return self


class ZoneChoice(Request):
    """The time zone one's days are counted in, such as Europe/London."""

    timezone: str

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("is no time zone; write one like Europe/London")
        return name
