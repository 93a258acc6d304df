"""Files of cards that come and go, and calendars that other programs read."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from studium.wire.base import Wire

FileKind = Literal["anki", "csv", "tsv", "quizlet"]


class CardsImported(Wire):
    """What a file of cards brought."""

    kind: Literal["anki", "table"]
    cards_added: int
    cards_changed: int
    cards_known: int
    reviews_added: int
    media_added: int
    decks: list[str]
    left_out: list[str]
    """What was not taken, and why, in sentences."""


class CalendarFeed(Wire):
    """An address under which a calendar is read."""

    feed_id: UUID
    created_at: datetime
    last_read_at: datetime | None


class NewCalendarFeed(CalendarFeed):
    """A new one; the address is told this once."""

    url: str
