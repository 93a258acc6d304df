"""The types of a record's fields: how Moodle writes a value, and what it is here. Nothing of a table is said."""

import json
import math
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

UNREADABLE = {"op": "&", "c": [{"type": "unreadable"}], "showc": [False]}
"""What stands for an availability tree that cannot be read: a condition nobody knows, and such a condition hides."""


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


def _reference(value: object) -> object:
    """Moodle writes 0 (and forums -1) where nothing is meant."""
    return None if value in ("", "0", 0, "-1", -1) else value


def _moment(value: object) -> object:
    """Moodle's times are seconds since 1970, 0 when there is none."""
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("the time carries no time zone")
    if value is None or isinstance(value, datetime):
        return value
    try:
        seconds = int(str(value) or "0")
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{value!r} is not a time in seconds since 1970") from error


def _flag(value: object) -> object:
    """Any number but 0 is true: Moodle keeps a moment in some of its flags."""
    if isinstance(value, str):
        return int(value or "0") != 0
    return bool(value)


def _finite(value: object) -> object:
    if value in ("", None):
        return None
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not a number")
    return number


def _json(value: object) -> object:
    """JSON as text, in one spelling; PostgreSQL keeps no NUL and no NaN in it."""
    if value is None or value == "":
        return None
    try:
        tree = json.loads(value) if isinstance(value, str) else value
        text = json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep") from error
    if "\\u0000" in text:
        raise ValueError("the JSON holds a NUL character")
    return text


def availability(text: str | None) -> object:
    """An availability tree as it is written, or one that hides when it cannot be read."""
    if not text:
        return None
    try:
        readable = _json(text)
    except ValueError:
        return UNREADABLE
    return text if isinstance(readable, str) and readable.startswith("{") else UNREADABLE


Id = Annotated[int, Field(gt=0, lt=2**63)]
Small = Annotated[int, Field(ge=-(2**15), lt=2**15)]
Count = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Reference = Annotated[Annotated[int, Field(lt=2**63)] | None, BeforeValidator(_reference)]
MaybeCount = Annotated[Count | None, BeforeValidator(_blank_is_none)]
Number = Annotated[float | None, BeforeValidator(_finite)]
Flag = Annotated[bool, BeforeValidator(_flag)]
MaybeFlag = Annotated[bool | None, BeforeValidator(lambda value: None if value is None else _flag(value))]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Json = Annotated[str | None, BeforeValidator(_json)]
