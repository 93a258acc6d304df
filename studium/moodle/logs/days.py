"""Rows of Moodle's own log in the lake: `lake/moodle/<site>/logs/day=<UTC day>/course=<id>.parquet`, sorted by id.

A file is what is known of its course's day. Rows are added by writing it anew, whole or not at all, and a row that is
there already is not added again, so that landing the same rows twice is landing them once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl
from obstore.store import ObjectStore
from psycopg import Connection

from studium.moodle.keys import CourseKey
from studium.moodle.logs.format import LogError
from studium.storage import fetch, get, put

SCHEMA = pl.Schema(
    {
        "id": pl.Int64,
        "eventname": pl.String,
        "objectid": pl.Int64,
        "contextlevel": pl.Int64,
        "contextinstanceid": pl.Int64,
        "userid": pl.Int64,
        "courseid": pl.Int64,
        "relateduserid": pl.Int64,
        "anonymous": pl.Int64,
        "timecreated": pl.Int64,
        "origin": pl.String,
        "ip": pl.String,
        "realuserid": pl.Int64,
    }
)
"""What is read of a row. `other` is left where it is: nothing reads it, and it can hold what people wrote."""

LAST_SECOND = 253402300799
"""Of the year 9999, the last a day can be of; what is no time is refused when the day is read."""


@dataclass(frozen=True)
class Day:
    """A course's file of a day, as it lies in the lake."""

    course_id: int
    day: date
    events: int
    added: int
    sha256: str


def root(site_id: str) -> str:
    """Where the lake keeps a site's log."""
    return f"lake/moodle/{site_id}/logs"


def path_of(course: CourseKey, day: date) -> str:
    """Where the lake keeps a course's day."""
    return f"{root(course.site_id)}/day={day.isoformat()}/course={course.course_id}.parquet"


def land_rows(store: ObjectStore, site_id: str, rows: pl.DataFrame) -> list[Day]:
    """Add rows to the days they are of; returns every day that was looked at, changed or not."""
    moments = pl.col("timecreated").clip(0, LAST_SECOND)
    day, course = pl.from_epoch(moments, time_unit="s").dt.date(), pl.col("courseid").fill_null(0)
    parts = rows.with_columns(day=day, course=course).partition_by("course", "day", as_dict=True)
    return [
        _add(store, CourseKey(site_id, int(course_id)), day, part.drop("course", "day"))
        for (course_id, day), part in parts.items()
    ]


def _add(store: ObjectStore, course: CourseKey, day: date, rows: pl.DataFrame) -> Day:
    path = path_of(course, day)
    try:
        standing = get(store, path)
    except FileNotFoundError:
        whole, added = rows, len(rows)
    else:
        kept = pl.read_parquet(BytesIO(standing))
        new = rows.join(kept, on="id", how="anti")
        if new.is_empty():
            return Day(course.course_id, day, len(kept), 0, hashlib.sha256(standing).hexdigest())
        whole, added = pl.concat([kept, new]), len(new)
    buffer = BytesIO()
    whole.sort("id").write_parquet(buffer, compression="zstd")
    put(store, path, buffer.getvalue())
    return Day(course.course_id, day, len(whole), added, hashlib.sha256(buffer.getvalue()).hexdigest())


def days_of(connection: Connection, course: CourseKey) -> Sequence[date]:
    """The days a course has rows of."""
    rows = connection.execute(
        "select day from raw.log_days where site_id = %s and course_id = %s order by day", course
    ).fetchall()
    return [day for (day,) in rows]


def fetch_days(store: ObjectStore, connection: Connection, course: CourseKey, folder: Path) -> Path:
    """Copy a course's days into a new folder, a file a day; returns the folder."""
    folder.mkdir()
    for day in days_of(connection, course):
        try:
            fetch(store, path_of(course, day), folder / f"{day.isoformat()}.parquet")
        except FileNotFoundError:
            raise LogError(
                f"the log of {course} of {day} is gone from the lake; `studium moodle logs --again` brings it back"
            ) from None
    return folder
