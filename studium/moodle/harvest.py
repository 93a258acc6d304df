"""Gathers the rows a reader finds: typed rows on one side, refused ones with their reason beside; none is lost."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from studium.moodle.keys import CourseKey
from studium.moodle.records import CourseRow, Row, schema
from studium.moodle.tables import TABLES


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
REFUSED_SCHEMA = {"reason": pl.String(), "detail": pl.String(), "row": pl.String()}


@dataclass
class Harvest:
    """The rows of one course, as they are found."""

    site_id: str
    course_id: int
    rows: dict[str, list[Row]] = field(default_factory=lambda: {row.table: [] for row in TABLES})
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, row: type[Row], **values: object) -> None:
        """Take a row, or refuse it with the reason it does not fit its record."""
        home: dict[str, object] = {"site_id": self.site_id}
        if issubclass(row, CourseRow):
            home["course_id"] = self.course_id
        try:
            self.rows[row.table].append(row.model_validate(home | values))
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            self.refuse(row, Reason.INVALID, problems, values)

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
            keys: set[tuple[object, ...]] = set()
            kept: list[Row] = []
            for found in self.rows[row.table]:
                key = tuple(getattr(found, column) for column in row.key)
                if missing := self._missing(found, known):
                    self.refuse(row, Reason.DANGLING, missing, found.model_dump())
                elif key in keys:
                    self.refuse(row, Reason.DUPLICATE, f"{', '.join(row.key)} {key} is there twice", found.model_dump())
                else:
                    keys.add(key)
                    kept.append(found)
            self.rows[row.table] = kept
            if row.table in _POINTED_AT:
                known[row.table] = {getattr(found, _POINTED_AT[row.table]) for found in kept}

    def _missing(self, row: Row, known: Mapping[str, set[object]]) -> str | None:
        for column, table in row.refers:
            value = getattr(row, column)
            if value is None or (table == "users" and not known["users"]):
                continue
            if value not in known[table]:
                return f"{column} {value} is not among the {table}"
        return None

    def frames(self) -> dict[str, pl.DataFrame]:
        """The accepted rows, a frame a table."""
        return {
            row.table: pl.DataFrame([found.model_dump() for found in self.rows[row.table]], schema=schema(row))
            for row in TABLES
        }

    def refused_frames(self) -> dict[str, pl.DataFrame]:
        """The refused rows with their reasons, a frame a table that has any."""
        tables: dict[str, list[dict[str, str]]] = {}
        for refusal in self.refusals:
            row = {"reason": refusal.reason.value, "detail": refusal.detail, "row": refusal.row}
            tables.setdefault(refusal.table, []).append(row)
        return {table: pl.DataFrame(rows, schema=REFUSED_SCHEMA) for table, rows in tables.items()}


@dataclass(frozen=True)
class Silence:
    """What a source does not speak of, so that its rows of before must stay."""

    people: bool = False
    """The backup was made without users."""
    modules: tuple[int, ...] = ()
    """cmids that stand in a section, but were left out of the backup."""
    work: tuple[int, ...] = ()
    """cmids whose learners' work was left out."""


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
