"""What kind of log a file is, told from its first bytes: nothing is believed of its name.

Reading rows belongs to `report` and `logstore`.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import polars as pl

REPORT_COLUMNS = (
    "Time",
    "User full name",
    "Affected user",
    "Event context",
    "Component",
    "Event name",
    "Description",
    "Origin",
    "IP address",
)
STORE_COLUMNS = (
    *("id", "eventname", "component", "action", "target", "objecttable", "objectid", "crud", "edulevel"),
    *("contextid", "contextlevel", "contextinstanceid", "userid", "courseid", "relateduserid", "anonymous"),
    *("other", "timecreated", "origin", "ip", "realuserid"),
)
STORE_NEEDS = frozenset(
    {"eventname", "contextlevel", "contextinstanceid", "userid", "courseid", "timecreated", "origin"}
)
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_MYSQL_QUOTE = re.compile(r'(\{|s:\d+:)\\"(?!")')
"""MySQL's OUTFILE writes a quote within quotes as `\\"`, everybody else doubles it; the column `other` shows which,
written as JSON or, on older sites, in PHP's own notation."""


class LogError(ValueError):
    """A log that cannot be taken; its text says why, and what would help."""


class Kind(StrEnum):
    """The shapes a log comes in."""

    REPORT_CSV = "report_csv"
    STORE_CSV = "store_csv"
    STORE_PARQUET = "store_parquet"
    STORE_DATABASE = "store_database"
    """Rows read from Moodle's own database: a folder of Parquet files of ours."""


@dataclass(frozen=True)
class Layout:
    """How a file is read: its kind, its columns in order, and the dialect of a text file."""

    kind: Kind
    columns: tuple[str, ...]
    delimiter: str = ","
    escape: str = '"'
    header: bool = True
    compressed: bool = False


def recognise(path: Path) -> Layout:
    """Tell the layout of a log file; `LogError` when it is none."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == _PARQUET:
        return _parquet(path)
    compressed = magic.startswith(_GZIP)
    lines = _first_lines(path, compressed)
    escape = "\\" if any(_MYSQL_QUOTE.search(line) for line in lines) else '"'
    for delimiter in (",", "\t", ";", "|"):
        layout = _of_rows(_rows(lines, delimiter, escape), delimiter, compressed)
        if layout is not None:
            return replace(layout, escape=escape)
    raise LogError(
        f"{path.name} is neither a log report downloaded from Moodle as CSV nor a dump of logstore_standard_log"
    )


def _parquet(path: Path) -> Layout:
    try:
        columns = tuple(name.lower() for name in pl.read_parquet_schema(path))
    except Exception as error:  # polars raises a family of its own for a broken footer
        raise LogError(f"{path.name} begins like a Parquet file but cannot be read as one: {error}") from error
    return Layout(Kind.STORE_PARQUET, _needed(columns))


def _needed(columns: tuple[str, ...]) -> tuple[str, ...]:
    missing = STORE_NEEDS - set(columns)
    if missing:
        raise LogError(f"a dump of logstore_standard_log has the columns {', '.join(sorted(missing))}; this has not")
    return columns


def _first_lines(path: Path, compressed: bool) -> list[str]:
    try:
        with gzip.open(path) if compressed else path.open("rb") as file:
            head = file.read(65536)
    except (OSError, EOFError, zlib.error) as error:
        raise LogError(f"{path.name} is a broken gzip file: {error}") from error
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise LogError(f"{path.name} is UTF-16, as some spreadsheets save; give the file as Moodle wrote it (UTF-8)")
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    if not any(line.strip() for line in lines):
        raise LogError(f"{path.name} is empty")
    return lines[:50]


def _rows(lines: Sequence[str], delimiter: str, escape: str) -> list[list[str]]:
    doubled = escape == '"'
    try:
        rows = csv.reader(lines, delimiter=delimiter, doublequote=doubled, escapechar=None if doubled else escape)
        return list(rows) or [[""]]
    except csv.Error:  # a field beyond the reader's limit: no log has one in its first lines
        return [[""]]


def _of_rows(rows: Sequence[Sequence[str]], delimiter: str, compressed: bool) -> Layout | None:
    first = tuple(cell.strip() for cell in rows[0])
    plain = tuple(cell.lower() for cell in first)
    if {"eventname", "timecreated"} <= set(plain):
        return Layout(Kind.STORE_CSV, _needed(plain), delimiter, compressed=compressed)
    if len(first) == len(STORE_COLUMNS) and "\\event\\" in first[1].replace("\\\\", "\\"):
        return Layout(Kind.STORE_CSV, STORE_COLUMNS, delimiter, header=False, compressed=compressed)
    if set(REPORT_COLUMNS) <= set(first):
        return Layout(Kind.REPORT_CSV, first, delimiter, compressed=compressed)
    if {"Time", "Event name", "Description"} <= set(first):
        missing = ", ".join(name for name in REPORT_COLUMNS if name not in first)
        raise LogError(f"this log report lacks {missing}; download it from Reports > Logs with all its columns")
    if len(first) == len(REPORT_COLUMNS) and len(rows) > 1 and _is_translated_report(rows[1:]):
        return Layout(Kind.REPORT_CSV, REPORT_COLUMNS, delimiter, compressed=compressed)
    return None


def _is_translated_report(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows look like a report in another language: origins and descriptions are English in all of them."""
    whole = [row for row in rows if len(row) == len(REPORT_COLUMNS)]
    return any(row[7] in {"web", "ws", "cli", "restore"} and " id '" in row[6] for row in whole)
