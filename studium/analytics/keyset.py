"""Where a page ends, as an opaque word: the sort key of its last row."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from studium.wire.base import Page

Item = TypeVar("Item")


class CursorError(ValueError):
    """This `after` is none of ours."""


def pack(*key: object) -> str:
    """The word for a sort key."""
    return urlsafe_b64encode(json.dumps(key, default=str, separators=(",", ":")).encode()).rstrip(b"=").decode()


def unpack(word: str | None, *kinds: Callable[[str], object]) -> tuple[object, ...] | None:
    """The sort key of a word, each part read by its kind; `None` for the first page."""
    if word is None:
        return None
    try:
        parts = json.loads(urlsafe_b64decode(word + "=" * (-len(word) % 4)))
        return tuple(kind(str(part)) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError) as error:
        raise CursorError("This is not the `next` of a page.") from error


def page(rows: Sequence[Item], limit: int, key: Callable[[Item], Sequence[object]]) -> Page[Item]:
    """A page of `limit` from rows that were asked for with `limit + 1`."""
    more = len(rows) > limit
    items = list(rows[:limit])
    return Page(items=items, next=pack(*key(items[-1])) if more else None)
