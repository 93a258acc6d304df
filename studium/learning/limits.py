"""How many new cards a day still takes, and what may be asked when, by the learner's own days. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studium.days import local_day


def zone_of(name: str | None) -> ZoneInfo:
    """A learner's time zone; UTC where the name says none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def new_left(new_per_day: int, begun_today: int, easy_days: Sequence[int], today: date) -> int:
    """New cards that may still be begun on `today`; an easy day takes its share of them."""
    return max(0, new_per_day * easy_days[today.weekday()] // 100 - begun_today)


def is_due(due_at: datetime, last_reviewed_at: datetime | None, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a card may be asked: at its hour, or from the morning of its day when a whole day has passed since.

    (FSRS counts whole days: a card of one day asked after 22 hours would be taken for one repeated the same day.)
    """
    if due_at <= moment:
        return True
    rested = last_reviewed_at is not None and (moment - last_reviewed_at).days >= 1
    return rested and local_day(due_at, zone) <= local_day(moment, zone)
