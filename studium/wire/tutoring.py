"""What chat may cost and has cost, and how somebody wants a course explained."""

from datetime import date
from typing import Literal

from pydantic import Field

from studium.wire.base import Request, Wire

Level = Literal["beginner", "intermediate", "advanced"]
Length = Literal["short", "long"]


class Preferences(Request):
    """How somebody wants a course explained, where a model answers; null: no wish."""

    level: Level | None = None
    length: Length | None = None
    language: str | None = Field(None, pattern="^[a-z]{2}$", description="ISO 639-1.")


class Purse(Wire):
    """What is spent or promised of a budget now; a null limit: none."""

    spent: float
    soft: float | None
    hard: float | None


class SpendingDay(Wire):
    """What chat cost on a day (UTC), as the warehouse has it; `learners` is null where they are few."""

    day: date
    currency: str
    turns: int
    learners: int | None
    tokens_in: int
    tokens_out: int
    spent: float


class Spending(Wire):
    """What models have cost, and may."""

    currency: str
    has_model: bool = Field(description="Without a chat model nothing is ever spent.")
    today: Purse = Field(description="One's own day.")
    month: Purse | None = Field(description="The course's month, for those who teach it.")
    days: list[SpendingDay] = Field(description="Of the course for those who teach it, else one's own; the last first.")
