"""Checks of a course's records as they landed, before they reach `raw`: Great Expectations, blocking.

Types, keys and pointers are the readers' business (what breaks them is among the refused rows). Here stands what a
course must look like as a whole, and how much of it may have been refused.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import polars as pl

from pipelines.checks.expectations import Expected, judge
from pipelines.resources import Studium
from studium.moodle.harvest import CourseRecords, Reason
from studium.moodle.keys import CourseKey
from studium.moodle.snapshots import courses_with_snapshots, newest_snapshot, records_of

LARGEST_REFUSED_PCT = 5.0
NEVER_EMPTY = ("courses", "sections")
FEW = 3
"""So many refused rows never hold a course back, however small the table."""


@dg.asset_check(
    asset=["lake", "course_records"],
    blocking=True,
    description="A course looks like a course, its values are possible ones, and at most 5 % of a table was refused.",
)
def records_are_sound(context: dg.AssetCheckExecutionContext, studium: Studium) -> dg.AssetCheckResult:
    """Judge the course that was just read, or all of them when the check is run by itself."""
    with studium.connect() as connection:
        known = courses_with_snapshots(connection)
        keys = [CourseKey.parse(context.partition_key)] if context.has_partition_key else known
        newest = [newest_snapshot(connection, key) for key in keys]
    broken = []
    for snapshot in newest:
        with suppress(FileNotFoundError):  # registered, and not read yet: there is nothing to judge
            records = records_of(studium.store, snapshot)
            broken += [f"{snapshot.course} {said}" for said in unsound(records)]
    return dg.AssetCheckResult(
        passed=not broken,
        description="; ".join(broken) or None,
        metadata={"courses": len(newest), "broken": broken},
    )


def unsound(records: CourseRecords) -> list[str]:
    """What is wrong with the records of a course, in sentences."""
    shares = refused_pct(records)
    broken = [f"refused too much: {said}" for said in judge([shares], _small(shares))] if shares else []
    for table, expected in _suites(records.backup_at).items():
        frame = records.tables[table]
        if len(frame) or table in NEVER_EMPTY:
            broken += [f"{table}: {said}" for said in judge(frame, expected)]
    return broken


def refused_pct(records: CourseRecords) -> dict[str, float]:
    """The share of each table that was refused through a fault of the backup, where it counts."""
    shares = {}
    for table, refused in records.refused.items():
        faults = refused.filter(pl.col("reason") != Reason.BYTES_ELSEWHERE.value).height
        if faults > FEW:
            shares[table] = 100.0 * faults / (len(records.tables[table]) + faults)
    return shares


def _small(shares: dict[str, float]) -> Expected:
    return lambda e: [e.ExpectColumnValuesToBeBetween(column=t, max_value=LARGEST_REFUSED_PCT) for t in shares]


def _suites(backup_at: datetime) -> dict[str, Expected]:
    """What each table must look like. Where a site may hold oddities of its own, most rows must."""
    latest = (backup_at + timedelta(days=1)).astimezone(UTC).replace(tzinfo=None)

    def told(column: str) -> dict[str, Any]:
        return {"column": column, "max_value": latest, "mostly": 0.95}

    def ordered(later: str, earlier: str) -> dict[str, Any]:
        pair = {"column_A": later, "column_B": earlier, "or_equal": True}
        return {**pair, "ignore_row_if": "either_value_is_missing", "mostly": 0.95}

    return {
        "courses": lambda e: [
            e.ExpectTableRowCountToEqual(value=1),
            e.ExpectColumnValuesToMatchRegex(column="shortname", regex=r"\S"),
        ],
        "sections": lambda e: [e.ExpectTableRowCountToBeBetween(min_value=1)],
        "modules": lambda e: [
            e.ExpectColumnValuesToMatchRegex(column="url", regex=r"^https?://"),
            e.ExpectColumnValuesToBeBetween(column="group_mode", min_value=0, max_value=2),
            e.ExpectColumnValuesToBeBetween(column="completion_mode", min_value=0, max_value=2),
        ],
        "materials": lambda e: [
            e.ExpectColumnValuesToMatchRegex(column="media_type", regex=r"^[\w.+-]+/[\w.+-]+"),
            e.ExpectColumnValuesToMatchRegex(column="content_sha256", regex=r"^[0-9a-f]{64}$"),
            e.ExpectColumnValuesToMatchRegex(column="url", regex=r"^https?://"),
        ],
        "enrolments": lambda e: [
            e.ExpectColumnValuesToBeInSet(column="status", value_set=[0, 1]),
            e.ExpectColumnValuesToBeInSet(column="method_status", value_set=[0, 1]),
            e.ExpectColumnPairValuesAToBeGreaterThanB(**ordered("ends_at", "starts_at")),
        ],
        "grade_items": lambda e: [e.ExpectColumnPairValuesAToBeGreaterThanB(**ordered("grade_max", "grade_min"))],
        "grades": lambda e: [e.ExpectColumnValuesToBeBetween(**told("graded_at"))],
        "completions": lambda e: [
            e.ExpectColumnValuesToBeBetween(column="state", min_value=0, max_value=4),
            e.ExpectColumnValuesToBeBetween(**told("completed_at")),
        ],
        "quiz_attempts": lambda e: [
            e.ExpectColumnValuesToBeBetween(column="attempt_number", min_value=1),
            e.ExpectColumnValuesToBeBetween(**told("started_at")),
            e.ExpectColumnPairValuesAToBeGreaterThanB(**ordered("finished_at", "started_at")),
        ],
        "question_attempts": lambda e: [
            # certainty-based marking goes from -6 to 3
            e.ExpectColumnValuesToBeBetween(column="fraction", min_value=-6, max_value=3),
            e.ExpectColumnValuesToBeBetween(column="max_mark", min_value=0),
        ],
    }


CHECKS = [records_are_sound]
