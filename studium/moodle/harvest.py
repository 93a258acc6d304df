"""Gathers the rows a reader finds: typed rows on one side, refused ones with their reason beside; none is lost."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from studium.moodle.keys import CourseKey
from studium.moodle.records.row import CourseRow, Row, schema
from studium.moodle.records.tables import TABLES


class Reason(StrEnum):
    """Why a row was refused."""

    INVALID = "invalid"
    DUPLICATE = "duplicate"
    DANGLING = "dangling"
    DAMAGED_BYTES = "damaged_bytes"
    BYTES_ELSEWHERE = "bytes_elsewhere"
    """The file was never in the backup (a link to a repository); not the backup's fault."""


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken."""

    table: str
    reason: Reason
    detail: str
    row: str


_POINTED_AT = {pointer.table: pointer.column for row in TABLES for pointer in row.refers}
_VALUES = {row.table: itemgetter(*row.model_fields) for row in TABLES}
REFUSED_SCHEMA = {"reason": pl.String(), "detail": pl.String(), "row": pl.String()}


@dataclass
class Harvest:
    """The rows of one course, as they are found."""

    site_id: str
    course_id: int
    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=lambda: {row.table: [] for row in TABLES})
    """Values in the order of the record's fields: a quarter of the memory its objects would take."""
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, row: type[Row], **values: object) -> None:
        """Take a row, or refuse it with the reason it does not fit its record."""
        home: dict[str, object] = {"site_id": self.site_id}
        if issubclass(row, CourseRow):
            home["course_id"] = self.course_id
        try:
            valid = row.model_validate(home | values)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            self.refuse(row, Reason.INVALID, problems, values)
        else:
            self.rows[row.table].append(_VALUES[row.table](valid.__dict__))

    def refuse(self, row: type[Row], reason: Reason, detail: str, values: Mapping[str, object]) -> None:
        """Keep a row beside the accepted ones."""
        text = json.dumps(values, ensure_ascii=False, default=str)
        self.refusals.append(Refusal(row.table, reason, detail, text))

    def settle(self) -> None:
        """Refuse what repeats a key or points at nothing, in the order of loading: what hangs on a refused row follows.

        People are looked for only when the source speaks of people at all.
        """
        known: dict[str, set[object]] = {}
        for row in TABLES:
            names, keys, kept = list(row.model_fields), set(), []
            key_of = itemgetter(*map(names.index, row.key))
            pointers = [(names.index(column), column, table) for column, table in row.refers]
            for found in self.rows[row.table]:
                key = key_of(found)
                missing = next((said for pointer in pointers if (said := _missing(found, pointer, known))), None)
                if missing:
                    self.refuse(row, Reason.DANGLING, missing, dict(zip(names, found, strict=True)))
                elif key in keys:
                    detail = f"{', '.join(row.key)} {key} is there twice"
                    self.refuse(row, Reason.DUPLICATE, detail, dict(zip(names, found, strict=True)))
                else:
                    keys.add(key)
                    kept.append(found)
            self.rows[row.table] = kept
            if row.table in _POINTED_AT:
                position = names.index(_POINTED_AT[row.table])
                known[row.table] = {found[position] for found in kept}

    def frames(self) -> dict[str, pl.DataFrame]:
        """The accepted rows, a frame a table."""
        return {
            row.table: pl.DataFrame(self.rows[row.table], schema=schema(row), orient="row", infer_schema_length=None)
            for row in TABLES
        }

    def refused_frames(self) -> dict[str, pl.DataFrame]:
        """The refused rows with their reasons, a frame a table that has any."""
        tables: dict[str, list[dict[str, str]]] = {}
        for refusal in self.refusals:
            row = {"reason": refusal.reason.value, "detail": refusal.detail, "row": refusal.row}
            tables.setdefault(refusal.table, []).append(row)
        return {table: pl.DataFrame(rows, schema=REFUSED_SCHEMA) for table, rows in tables.items()}


def _missing(found: tuple[object, ...], pointer: tuple[int, str, str], known: Mapping[str, set[object]]) -> str | None:
    position, column, table = pointer
    value = found[position]
    if value is None or value in known[table] or (table == "users" and not known["users"]):
        return None
    return f"{column} {value} is not among the {table}"


@dataclass(frozen=True)
class Silence:
    """What a source does not speak of, so that its rows of before must stay."""

    people: bool = False
    """The backup was made without users."""
    modules: tuple[int, ...] = ()
    """cmids that stand in a section, but were left out of the backup."""
    work: tuple[int, ...] = ()
    """cmids whose learners' work was left out."""
    tables: tuple[str, ...] = ()
    """Tables that were not told whole."""
    columns: tuple[tuple[str, str], ...] = ()
    """Table and column, where the source never says anything."""


@dataclass(frozen=True)
class CourseRecords:
    """Everything of one course: accepted rows, refused ones, and the bytes of its materials."""

    course: CourseKey
    sha256: str
    backup_at: datetime
    tables: dict[str, pl.DataFrame]
    silence: Silence = Silence()
    refused: dict[str, pl.DataFrame] = field(default_factory=dict)
    contents: dict[str, bytes | Path] = field(default_factory=dict)
    """The bytes of the materials by object path, for whoever lands them; paths end with the reader's folder."""
