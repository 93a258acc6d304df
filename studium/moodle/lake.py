"""The lake's side of a course: its records as Parquet, its refused rows beside them, its materials' bytes.

`lake/moodle/<site>/<course>/<sha256 of the backup>/<reader>/<table>.parquet`; loading it is the business of `load`.
"""

import json
from dataclasses import asdict
from datetime import datetime

import polars as pl
from obstore.store import ObjectStore

from studium.moodle.harvest import CourseRecords, Silence
from studium.moodle.keys import CourseKey
from studium.moodle.records.course import Material
from studium.moodle.records.tables import TABLES
from studium.storage import exists, get, put, read_parquet, under, write_parquet

FACTS = "course.json"
READER = 3
"""Raise it when the readers find other rows in the same backup: what was landed before is then read again."""


def landed(course: CourseKey, sha256: str) -> str:
    """Where all that was read of one snapshot lies."""
    return f"lake/moodle/{course.site_id}/{course.course_id}/{sha256}"


def folder(course: CourseKey, sha256: str) -> str:
    """Where the records of one backup lie."""
    return f"{landed(course, sha256)}/{READER}"


def named_bytes(store: ObjectStore, course: CourseKey, sha256: str) -> set[str]:
    """The object paths of the materials of one snapshot, by every reader that read it."""
    tables = [path for path in under(store, landed(course, sha256)) if path.endswith(f"/{Material.table}.parquet")]
    frames = [read_parquet(store, table) for table in tables]
    return {path for frame in frames if "object_path" in frame.columns for path in frame["object_path"]}


def write_records(store: ObjectStore, records: CourseRecords) -> str:
    """Land the records and the bytes of their materials; returns the folder. The facts come last."""
    for object_path, content in records.contents.items():
        if not exists(store, object_path):
            put(store, object_path, content)
    base = folder(records.course, records.sha256)
    for table, frame in records.tables.items():
        write_parquet(store, f"{base}/{table}.parquet", frame)
    for table, frame in records.refused.items():
        write_parquet(store, f"{base}/refused/{table}.parquet", frame)
    silence = records.silence
    facts = {
        "backup_at": records.backup_at.isoformat(),
        "silence": asdict(silence),
        "refused": {table: len(frame) for table, frame in records.refused.items()},
    }
    put(store, f"{base}/{FACTS}", json.dumps(facts).encode())
    return base


def read_records(store: ObjectStore, course: CourseKey, sha256: str) -> CourseRecords:
    """The landed records of a backup; `FileNotFoundError` when it has not been landed whole."""
    base = folder(course, sha256)
    facts = json.loads(get(store, f"{base}/{FACTS}"))
    silence = facts["silence"]
    return CourseRecords(
        course=course,
        sha256=sha256,
        backup_at=datetime.fromisoformat(facts["backup_at"]),
        tables={row.table: read_parquet(store, f"{base}/{row.table}.parquet") for row in TABLES},
        silence=Silence(
            people=silence["people"],
            modules=tuple(silence["modules"]),
            work=tuple(silence["work"]),
            tables=tuple(silence.get("tables", ())),
            columns=tuple((table, column) for table, column in silence.get("columns", ())),
        ),
        refused={table: read_parquet(store, f"{base}/refused/{table}.parquet") for table in facts["refused"]},
    )


def counts(records: CourseRecords) -> pl.DataFrame:
    """One row a table: how many rows were accepted and refused."""
    rows = [
        {"table": table, "rows": len(frame), "refused": len(records.refused.get(table, ()))}
        for table, frame in records.tables.items()
    ]
    return pl.DataFrame(rows, schema={"table": pl.String(), "rows": pl.Int64(), "refused": pl.Int64()})
