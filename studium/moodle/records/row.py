"""What a record is: a frozen, typed row of one table of `raw`, with its key and what it points at.

The rows themselves stand in `course`, `people`, `quiz` and `activity` beside this. Where a value
comes from (a backup, a web service) is the reader's business.
"""

import types
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Union, get_args, get_origin

import polars as pl
from pydantic import BaseModel, ConfigDict


class Pointer(NamedTuple):
    """A column whose value must be found in the column of the same name of another table."""

    column: str
    table: str


MODULE = Pointer("cmid", "modules")
USER = Pointer("user_id", "users")


class Row(BaseModel):
    """A row of `raw`. Its docstring's first line says the grain and describes the table everywhere it is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    """What names a row on its site."""
    refers: ClassVar[tuple[Pointer, ...]] = ()
    is_personal: ClassVar[bool] = False
    """Whether a backup made without its learners' data lacks these rows."""

    site_id: str


class CourseRow(Row):
    """A row that belongs to one course."""

    course_id: int


_DTYPES: dict[Any, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    float: pl.Float64(),
    bool: pl.Boolean(),
    datetime: pl.Datetime("us", "UTC"),
    list[int]: pl.List(pl.Int64()),
    list[str]: pl.List(pl.String()),
}


def _bare(annotation: Any) -> Any:
    """The type below `Annotated` and `| None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(part for part in get_args(annotation) if part is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _bare(annotation.__origin__)
    return annotation


def schema(row: type[Row]) -> dict[str, pl.DataType]:
    """The columns of a table in the lake, in the order of its record."""
    return {name: _DTYPES[_bare(field.annotation)] for name, field in row.model_fields.items()}


def describe(row: type[Row]) -> str:
    """What a table holds and its grain, in one sentence: the first line of its record's docstring."""
    return (row.__doc__ or row.table).partition("\n")[0]
