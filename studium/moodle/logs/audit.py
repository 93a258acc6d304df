"""What can be observed of a course's landed events, month by month: the figures a check judges. No judgement here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from studium.moodle.logs.engine import literal
from studium.moodle.logs.records import Import

FIGURES = (
    "events",
    "repeated_keys",
    "unnamed_events",
    "impossible_times",
    "outside_month",
    "negative_ids",
    "foreign_rows",
)

_OBSERVED = """
select
    {month} as month,
    count(*) as events,
    count(*) - count(distinct event_key) as repeated_keys,
    count(*) filter (event_name is null or event_name = '' or component is null) as unnamed_events,
    count(*) filter (occurred_at is null or year(occurred_at) not between 2002 and 2199) as impossible_times,
    count(*) filter (strftime(occurred_at, '%Y-%m') <> {month}) as outside_month,
    count(*) filter (not (user_id >= 0 and related_user_id >= 0 and real_user_id >= 0 and cmid >= 0)) as negative_ids,
    count(*) filter (site_id <> {site} or course_id <> {course_id}) as foreign_rows
from read_parquet({path})"""


def observe_months(
    engine: DuckDBPyConnection, paths: Sequence[Path], site_id: str, course_id: int
) -> list[dict[str, Any]]:
    """Figures of every month's file, counted where the rows are: a month of a big course never leaves the engine."""
    rows = [
        engine.execute(
            _OBSERVED.format(
                month=literal(path.stem), path=literal(path), site=literal(site_id), course_id=int(course_id)
            )
        ).fetchone()
        for path in paths
    ]
    return [dict(zip(("month", *FIGURES), row, strict=True)) for row in rows if row]


def observe_files(imports: Sequence[Import]) -> list[dict[str, Any]]:
    """Figures of every log file."""
    return [
        {
            "file": one.filename,
            "rows_read": one.rows_read,
            "unaccounted": one.rows_read - one.accepted - one.refused - one.rows_elsewhere,
            "added": one.accepted - one.repeated,
            "refused_share": one.refused / one.rows_of_course if one.rows_of_course else 0.0,
        }
        for one in imports
    ]
