"""Checks of a course's events as they landed: Great Expectations guards what comes in, and stops what would follow.

The figures come from DuckDB, a row a month and a row a file, so that a million events cost what a thousand do.
"""

import tempfile
from pathlib import Path

import dagster as dg
from obstore.store import ObjectStore

from pipelines.checks.expectations import Expected, judge
from pipelines.resources import Studium
from studium.moodle.keys import CourseKey
from studium.moodle.logs.audit import FIGURES, observe_files, observe_months
from studium.moodle.logs.engine import open_engine
from studium.moodle.logs.lake import courses_with_logs, fetch_events, landing

LARGEST_REFUSED_SHARE = 0.2
"""A file of which more is refused was not understood: its dialect is new, or it is broken."""


@dg.asset_check(
    asset=["lake", "activity_log"],
    blocking=True,
    description="Events have a key of their own, a name, a possible time and the course; every row read has its place.",
)
def events_are_sound(context: dg.AssetCheckExecutionContext, studium: Studium) -> dg.AssetCheckResult:
    """Judge the course that was just read, or all of them when the check is run by itself."""
    if context.has_partition_key:
        keys = [CourseKey.parse(context.partition_key)]
    else:
        with studium.connect() as connection:
            keys = courses_with_logs(connection)
    broken = [f"{course}: {said}" for course in keys for said in unsound(studium.store, course)]
    return dg.AssetCheckResult(
        passed=not broken,
        description="; ".join(broken) or None,
        metadata={"courses": len(keys), "broken": broken},
    )


def unsound(store: ObjectStore, course: CourseKey) -> list[str]:
    """What is wrong with the events of a course, in sentences."""
    landed = landing(store, course)
    if landed is None or not landed.imports:
        return []
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder)) as engine:
        months = observe_months(engine, fetch_events(store, course, Path(folder)), *course)
    broken = judge(observe_files(landed.imports), _of_files(landed.events))
    return broken + (judge(months, _of_months(landed.events)) if months else [])


def _of_months(events: int) -> Expected:
    return lambda expect: [
        expect.ExpectColumnSumToBeBetween(column="events", min_value=events, max_value=events),
        *(
            expect.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=0)
            for name in FIGURES
            if name != "events"
        ),
    ]


def _of_files(events: int) -> Expected:
    return lambda expect: [
        expect.ExpectColumnSumToBeBetween(column="added", min_value=events, max_value=events),
        expect.ExpectColumnValuesToBeBetween(column="unaccounted", min_value=0, max_value=0),
        expect.ExpectColumnValuesToBeBetween(column="refused_share", min_value=0.0, max_value=LARGEST_REFUSED_SHARE),
    ]


CHECKS = [events_are_sound]
