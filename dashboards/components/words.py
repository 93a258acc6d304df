"""Numbers and moments in words a person reads. Pure functions; no Streamlit and no rule of the course."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NOTHING = "\u2013"
MARKUP = re.compile(r"([\\`*_\[\]<>:$#~!|&])")
"""What begins emphasis, links, images, code, colours, formulas, tags, or a heading."""
ADDRESS = re.compile(r"://|www(?=\.)|@", re.IGNORECASE)
"""Where addresses begin that are links without being marked up; a joiner behind it ends that."""
KILOBYTE = 1000
MINUTES_OF_HOUR = 60


def zone(name: str | None) -> ZoneInfo:
    """The time zone called `name`, or UTC when nobody knows it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def day(moment: date | datetime | None, timezone: ZoneInfo | None = None) -> str:
    """`22 November 2026`; a moment is told in `timezone`."""
    if moment is None:
        return NOTHING
    local = _local(moment, timezone)
    return f"{local.day} {local:%B %Y}"


def short_day(moment: date | datetime | None, timezone: ZoneInfo | None = None) -> str:
    """`22 Nov`."""
    if moment is None:
        return NOTHING
    local = _local(moment, timezone)
    return f"{local.day} {local:%b}"


def clock(moment: datetime | None, timezone: ZoneInfo) -> str:
    """`22 Nov, 14:05`."""
    return NOTHING if moment is None else f"{short_day(moment, timezone)}, {moment.astimezone(timezone):%H:%M}"


def duration(minutes: float | None) -> str:
    """`45 min`, `3 h 20 min`, `128 h`."""
    if minutes is None:
        return NOTHING
    whole = round(minutes)
    hours, rest = divmod(whole, MINUTES_OF_HOUR)
    if hours == 0:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest and hours < 100 else f"{hours:,} h"  # noqa: PLR2004 - minutes tire beyond that


def percent(value: float | None) -> str:
    """`73 %`."""
    return NOTHING if value is None else f"{value:.0f} %"


def grade(value: float | None, maximum: float | None) -> str:
    """`7.5 of 10`."""
    if value is None:
        return NOTHING
    return f"{value:g}" if maximum is None else f"{round(value, 1):g} of {maximum:g}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 file`, `1,204 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shortened(text: str, length: int) -> str:
    """`text`, cut after a word and marked so when it is longer than `length`."""
    if len(text) <= length:
        return text
    return f"{text[:length].rsplit(' ', 1)[0]}\u2026"


def plain(text: str) -> str:
    """`text` as Markdown that shows just that: for labels and messages, which Streamlit reads as Markdown."""
    return MARKUP.sub(r"\\\1", ADDRESS.sub("\\g<0>\u2060", " ".join(text.split())))


def size(number: int) -> str:
    """`12 kB`, `3.4 MB`."""
    if number < KILOBYTE:
        return f"{number} B"
    if number < KILOBYTE**2:
        return f"{number / KILOBYTE:.0f} kB"
    return f"{number / KILOBYTE**2:.1f} MB"


def days_ago(days: int | None) -> str:
    """`today`, `yesterday`, `12 days`; a person never seen is `never seen`."""
    if days is None:
        return "never seen"
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def week(start: date) -> str:
    """`16 to 22 Nov`, the seven days from `start`."""
    end = start + timedelta(days=6)
    first = f"{start.day}" if start.month == end.month else short_day(start)
    return f"{first} to {short_day(end)}"


def _local(moment: date | datetime, timezone: ZoneInfo | None) -> date | datetime:
    return moment.astimezone(timezone) if isinstance(moment, datetime) and timezone else moment
