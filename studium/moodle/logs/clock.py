"""The clock of a log report: its date format, and the way from a wall clock without offset to UTC.

Pure. Reading files and tables belongs to `report`.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

DAYS = (
    *("%d/%m/%y", "%m/%d/%y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d.%m.%Y", "%d. %m. %Y", "%d-%m-%y", "%d-%m-%Y"),
    *(
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y.%m.%d.",
        "%Y. %m. %d.",
        "%Y年%m月%d日",
        "%Y年 %m月 %d日",
        "%y年 %m月 %d日",
    ),
    *("%d %B %Y", "%d %b %Y", "%d %b %y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y"),
    *("%A, %d %B %Y", "%A, %d %b %Y", "%a, %d %b %Y"),
)
TIMES = ("%H:%M:%S", "%I:%M:%S %p", "%H:%M", "%I:%M %p", "%H.%M.%S", "%H.%M")
FORMATS = (*(f"{day}{between}{time}" for day in DAYS for between in (", ", " ") for time in TIMES), "%Y-%m-%dT%H:%M:%S")
"""Formats of Moodle's language packs, for times on pages and in downloads; the first that reads all rows is taken."""


class Span(NamedTuple):
    """A stretch of a zone's wall clock, from `starts` to the next span."""

    starts: datetime
    kind: Literal["plain", "repeated", "skipped"]
    offset: int
    later_offset: int
    """Seconds east of UTC; the later one counts in the second half of a repeated hour and is else the same."""


def _offset(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    if offset is None:  # pragma: no cover - ZoneInfo always answers
        raise ValueError(f"{zone} has no offset at {at}")
    return int(offset.total_seconds())


def transitions(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[tuple[datetime, int, int]]:
    """Changes of a zone's offset between two moments: when (UTC), the offset before and after, in seconds."""
    day = timedelta(days=1)
    at = since.astimezone(UTC)
    while at < until:
        low, high = at, at + day
        before, after = _offset(zone, low), _offset(zone, high)
        if before != after:
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            yield high.replace(microsecond=0), before, after
        at += day


def spans(zone: ZoneInfo, first: datetime, last: datetime) -> list[Span]:
    """The wall clock of a zone around two of its (naive) wall times, in spans that follow one another."""
    since = first.replace(tzinfo=UTC, microsecond=0) - timedelta(days=3)
    until = last.replace(tzinfo=UTC) + timedelta(days=3)
    offset = _offset(zone, since)
    made = [Span(since.replace(tzinfo=None), "plain", offset, offset)]
    for at, before, after in transitions(zone, since, until):
        wall = at.replace(tzinfo=None)
        old, new = wall + timedelta(seconds=before), wall + timedelta(seconds=after)
        made.append(Span(min(old, new), "repeated" if after < before else "skipped", before, after))
        made.append(Span(max(old, new), "plain", after, after))
    return made


def later_half(
    walls: Sequence[datetime], before: datetime | None, after: datetime | None, ordered: bool
) -> list[tuple[bool, bool]]:
    """Tell which rows of a repeated hour lie in its second half.

    The clock falls back once, so in rows that keep their order one backward step is where it fell. Without one, the
    hour nobody saw is put into the longest silence, and the answer is a guess.

    Args:
        walls: wall times of the rows within the hour, oldest first.
        before: wall time of the row before them, if any.
        after: wall time of the row after them, if any.
        ordered: whether the file keeps the order of time elsewhere.

    Returns:
        For each row whether it lies in the second half, and whether that is a guess.
    """
    falls = [place for place, (one, other) in enumerate(pairwise(walls), start=1) if other < one]
    if ordered and len(falls) == 1:
        return [(place >= falls[0], False) for place in range(len(walls))]
    if not ordered or falls:
        return [(False, True) for _ in walls]
    known = [before, *walls, after]
    silences = [timedelta.max if one is None or other is None else other - one for one, other in pairwise(known)]
    fell = silences.index(max(silences))
    return [(place >= fell, True) for place in range(len(walls))]
