"""Spreading cards over days: within the few days that make no difference to memory, the one with least to do. Pure.

The range is FSRS's own fuzz: an interval of a week may be a day or two off, one of a year some three weeks.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from fsrs.scheduler import FUZZ_RANGES

from studium.learning import scheduling
from studium.learning.scheduling import Memory

EVERY_DAY = (100,) * 7
Load = Mapping[date, int]
"""Cards that are due already, by the learner's own day."""
SHORTEST = 2.5
"""Days up to which an interval is not moved."""


def allowed(days: int) -> range:
    """The intervals that are as good as `days`."""
    if days < SHORTEST:
        return range(days, days + 1)
    reach = 1.0 + sum(step["factor"] * max(min(float(days), step["end"]) - step["start"], 0.0) for step in FUZZ_RANGES)
    return range(max(2, round(days - reach)), round(days + reach) + 1)


def balanced(days: int, today: date, load: Load, easy_days: Sequence[int] = EVERY_DAY) -> int:
    """The interval to take: the least full day, measured by what a day of its name is meant to hold; else the nearest.

    Args:
        days: the interval the scheduler wants.
        today: the learner's own day.
        load: cards that are due already, by day.
        easy_days: percent of the usual work, Monday first; on 0 nothing is put while there is another day.
    """

    def fullness(choice: int) -> tuple[float, int, int]:
        day = today + timedelta(days=choice)
        share = easy_days[day.weekday()]
        weight = (load.get(day, 0) + 1) / share if share else float("inf")
        return weight, abs(choice - days), choice

    return min(allowed(days), key=fullness)


def choices(memory: Memory) -> range:
    """The days among which a card's next date may be moved; one alone when it is asked again within the session."""
    days = (scheduling.due_of(memory) - scheduling.last_review_of(memory)).days
    return allowed(days) if scheduling.is_learnt(memory) else range(days, days + 1)


def spread(memory: Memory, today: date, load: Load, easy_days: Sequence[int] = EVERY_DAY) -> Memory:
    """The memory, due on the day that `balanced` takes. What the scheduler knows of the card stays."""
    if len(choices(memory)) == 1:
        return memory
    last = scheduling.last_review_of(memory)
    days = balanced((scheduling.due_of(memory) - last).days, today, load, easy_days)
    return scheduling.moved(memory, last + timedelta(days=days))
