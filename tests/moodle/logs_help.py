"""Reading logs in tests: files written from rows, read by a reader, answered as plain tuples."""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from studium.moodle.keys import CourseKey
from studium.moodle.logs.engine import open_engine
from studium.moodle.logs.format import REPORT_COLUMNS, STORE_COLUMNS, Kind
from studium.moodle.logs.reading import Reader
from studium.moodle.logs.records import Import, LogFile

LONDON = ZoneInfo("Europe/London")
COURSE = CourseKey("moodle-example-org", 2)


@dataclass
class Read:
    """What came of reading files together."""

    imports: list[Import]
    rows: list[dict[str, Any]]
    refused: list[list[tuple[int, str, str]]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        return sorted(str(row["event_key"]) for row in self.rows)

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


def read(
    *paths: Path,
    course: CourseKey = COURSE,
    zone: ZoneInfo | None = LONDON,
    people: Sequence[tuple[str, int]] = (),
    modules: Sequence[tuple[str, str, int]] = (),
) -> Read:
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder)) as engine:
        reader = Reader(engine, course)
        for number, path in enumerate(paths):
            reader.add(LogFile(course, f"{number:064x}", "", path.name, Kind.REPORT_CSV, zone), path)
        imports = reader.settle(people, modules)
        found = engine.execute("select * from events order by occurred_at, event_key")
        names = [column[0] for column in found.description or []]
        return Read(imports, [dict(zip(names, row, strict=True)) for row in found.fetchall()], reader.refused)


def report_row(time: str, **told: str) -> list[str]:
    row = {
        "Time": time,
        "User full name": "Ada Lovelace",
        "Affected user": "-",
        "Event context": "Page: Reading",
        "Component": "Page",
        "Event name": "Course module viewed",
        "Description": "The user with id '3' viewed the 'page' activity with course module id '12'.",
        "Origin": "web",
        "IP address": "203.0.113.8",
    }
    given = {name.replace("_", " "): value for name, value in told.items()}
    return [given.get(name, value) for name, value in row.items()]


def write_report(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = REPORT_COLUMNS) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def store_row(moment: int, **told: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(STORE_COLUMNS, "")
    row |= {
        "id": moment,
        "eventname": "\\mod_page\\event\\course_module_viewed",
        "component": "mod_page",
        "objectid": 5,
        "contextlevel": 70,
        "contextinstanceid": 12,
        "userid": 3,
        "courseid": 2,
        "anonymous": 0,
        "timecreated": moment,
        "origin": "web",
        "ip": "203.0.113.8",
    }
    return row | told


def write_store(path: Path, rows: Iterable[dict[str, object]], *, header: bool = True, delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        if delimiter == "\t":
            for row in ([dict(zip(STORE_COLUMNS, STORE_COLUMNS, strict=True))] if header else []) + list(rows):
                cells = ("\\N" if row[name] == "" else str(row[name]).replace("\\", "\\\\") for name in STORE_COLUMNS)
                file.write("\t".join(cells) + "\n")
            return path
        writer = csv.DictWriter(file, STORE_COLUMNS, delimiter=delimiter, lineterminator="\n")
        if header:
            writer.writeheader()
        writer.writerows(rows)
    return path
