"""SM-2 as it was published (P. A. Wozniak, 1990): grades from 0 to 5, an ease for each item, intervals 1, 6, then ease.

What was graded below four is asked again in the same session until it is known; that changes neither ease nor interval.
https://super-memory.com/english/ol/sm2.htm
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Self

FIRST_EASE, LEAST_EASE = 2.5, 1.3
FIRST_INTERVALS = (1, 6)
RECALLED, KNOWN = 3, 4
GRADES = {1: 1, 2: 3, 3: 4, 4: 5}
"""Grade, 0 to 5, of each of the four ratings."""
LONGEST = 36_500
"""Days; FSRS asks nothing later either."""
AGAIN_IN = timedelta(minutes=10)
WHOLE = 6
"""Digits behind which an interval has no fraction: 15 * 2.6 is 39, whatever floats say."""


@dataclass(frozen=True)
class Item:
    """What SM-2 knows of an item."""

    ease: float
    interval_days: int
    repetitions: int
    due: datetime
    last_review: datetime

    @classmethod
    def read(cls, memory: dict[str, Any]) -> Self:
        """An item as it was written."""
        moments = {name: datetime.fromisoformat(memory[name]) for name in ("due", "last_review")}
        return cls(float(memory["ease"]), int(memory["interval_days"]), int(memory["repetitions"]), **moments)

    def write(self) -> dict[str, Any]:
        """The item as JSON."""
        return {**asdict(self), "due": self.due.isoformat(), "last_review": self.last_review.isoformat()}

    @property
    def is_asked_again(self) -> bool:
        """Whether it waits to be known in the session in which it was not."""
        return self.due - self.last_review < timedelta(days=1)


def ease_after(ease: float, grade: int) -> float:
    """The ease after a repetition that was graded so."""
    miss = 5 - grade
    return max(LEAST_EASE, ease + 0.1 - miss * (0.08 + miss * 0.02))


def interval(repetition: int, previous: int, ease: float) -> int:
    """Days after the `repetition`th repetition, counted from 1."""
    if repetition <= len(FIRST_INTERVALS):
        return FIRST_INTERVALS[repetition - 1]
    return min(LONGEST, ceil(round(previous * ease, WHOLE)))


def repeat(item: Item | None, grade: int, moment: datetime) -> Item:
    """The item after one more repetition."""
    now = moment.astimezone(UTC)
    if item is not None and item.is_asked_again:
        ease, repetitions, days = item.ease, item.repetitions, item.interval_days
        if grade < RECALLED:
            repetitions, days = 1, interval(1, 0, ease)
    elif item is None or grade < RECALLED:
        before = item.ease if item else FIRST_EASE
        ease = ease_after(before, grade) if grade >= RECALLED else before
        repetitions, days = 1, interval(1, 0, ease)
    else:
        ease = ease_after(item.ease, grade)
        repetitions = item.repetitions + 1
        days = interval(repetitions, item.interval_days, ease)
    wait = timedelta(days=days) if grade >= KNOWN else AGAIN_IN
    return Item(ease, days, repetitions, now + wait, now)
