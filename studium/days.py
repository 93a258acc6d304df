"""Days as people live them: from midnight to midnight where they are."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day it is at `moment` in `zone`. Naive moments are refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """When `day` begins in `zone`, in UTC; where the clock jumps over midnight, when the first of its hours begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
