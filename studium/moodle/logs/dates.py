"""Which date format a staged report is written in, told from all of its rows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from studium.moodle.logs.clock import FORMATS
from studium.moodle.logs.format import LogError

FIRST_YEAR = 2002
"""The year of the first Moodle: a format that reads `26` as the year 26 is not the one."""

SAMPLE = 20

_IN_ALL = """
select count(*), count(try_strptime(time, $format)), min(year(try_strptime(time, $format))) from staged"""

_DIFFERENT = """
select count(*) from staged
where try_strptime(time, $one) is distinct from try_strptime(time, $other)"""

_STEPS = """
select
    count(*) filter (wall < earlier), count(*) filter (wall > earlier), 1 + max(year(wall)) - min(year(wall))
from (
    select wall, lag(wall) over (order by line) as earlier
    from (select line, try_strptime(time, $format) as wall from staged)
    where wall is not null
)"""

_UNPADDED = r"""
select
    coalesce(bool_or(regexp_matches(trim(time), '^\d\D')), false),
    coalesce(bool_or(regexp_matches(trim(time), '^\d+\D\d\D')), false)
from staged"""


class Clock(NamedTuple):
    """How a report writes times, and whether its rows keep their order."""

    format: str
    newest_first: bool
    ordered: bool


def clock_of(engine: DuckDBPyConnection) -> Clock:
    """Find the date format of the report in `staged`.

    Raises:
        LogError: no known format reads the times, or two formats read all of them and neither keeps the rows' order.
    """
    candidates = _different(engine, _readers(engine, _readers_of_sample(engine)))
    if not candidates:
        example = engine.execute("select time from staged limit 1").fetchone() or ("nothing",)
        raise LogError(f"the times of this report cannot be read, for example {example[0]!r}")
    clocks = [_clock(engine, candidate) for candidate in candidates]
    if len(clocks) > 1:  # Moodle writes the newest row first, so the reading that runs back in time is the likelier
        ordered = [clock for clock in clocks if clock.ordered]
        clocks = _written(engine, [clock for clock in ordered if clock.newest_first] or ordered)
    if len(clocks) != 1:
        raise LogError(
            "the dates of this report could be day/month or month/day: download a longer stretch, newest row first"
        )
    return clocks[0]


def _written(engine: DuckDBPyConnection, clocks: list[Clock]) -> list[Clock]:
    """The clocks whose day stands where numbers have one digit: Moodle takes the zero from days, never from months."""
    first, second = engine.execute(_UNPADDED).fetchone() or (False, False)
    return clocks if first == second else [c for c in clocks if c.format.startswith("%d") == first]


def _readers_of_sample(engine: DuckDBPyConnection) -> list[str]:
    """The formats worth trying on all rows: those that read any of the first."""
    rows = engine.execute("select time from staged where time <> '' order by line limit ?", [SAMPLE]).fetchall()
    return [format_ for format_ in FORMATS if any(_reads(format_, time) for (time,) in rows)]


def _reads(format_: str, time: str) -> bool:
    try:
        datetime.strptime(time.strip(), format_).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _readers(engine: DuckDBPyConnection, formats: Iterable[str]) -> list[str]:
    """The formats that read the most times, provided that is most of them."""
    read: dict[str, int] = {}
    total = 0
    for format_ in formats:
        total, count, year = engine.execute(_IN_ALL, {"format": format_}).fetchone() or (0, 0, None)
        read[format_] = count if year is not None and year >= FIRST_YEAR else 0
    best = max(read.values(), default=0)
    if best == 0 or best * 2 < total:
        return []
    return [format_ for format_, count in read.items() if count == best]


def _different(engine: DuckDBPyConnection, formats: Iterable[str]) -> list[str]:
    """Of formats that say the same of every row, the first."""
    kept: list[str] = []
    for format_ in formats:
        differences = [
            engine.execute(_DIFFERENT, {"one": format_, "other": other}).fetchone() or (0,) for other in kept
        ]
        if all(count > 0 for (count,) in differences):
            kept.append(format_)
    return kept


def _clock(engine: DuckDBPyConnection, format_: str) -> Clock:
    """Autumns are the only backward steps a report has, one a year at most."""
    falls, rises, years = engine.execute(_STEPS, {"format": format_}).fetchone() or (0, 0, 0)
    return Clock(format_, newest_first=falls >= rises, ordered=min(falls, rises) <= years)
