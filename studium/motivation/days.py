"""A learner's days: from midnight to midnight where they are, and never one twice."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studium.days import local_day

UTC = ZoneInfo("UTC")


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name; UTC where this machine does not know it, as an account has until it says otherwise."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def day_of(moment: datetime, zone: str, zone_before: str, open_day: date | None) -> date:
    """The day an act in `zone` counts for, after acts in `zone_before` of which the last counted for `open_day`.

    A day that ended where one was is over: going west does not open it again, and going east gains one day once.
    """
    days = [local_day(moment, zone_of(zone)), local_day(moment, zone_of(zone_before))]
    return max(days if open_day is None else [*days, open_day])
