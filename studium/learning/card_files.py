"""Cards into files and out of them: which reader a file is for, and which cards a file takes along."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import nh3
from obstore.store import ObjectStore
from psycopg import Connection

from studium.learning import decks
from studium.learning.anki.cards_here import CardHere, read_cards
from studium.learning.anki.exporting import NOTHING
from studium.learning.anki.importing import ONE_AT_A_TIME, import_package
from studium.learning.card_file_errors import CardFileError
from studium.learning.cards import NewCard, add_cards
from studium.learning.faces import numbers
from studium.learning.tables import TableCard, read_table, write_table
from studium.wire.card_files import CardsImported

ZIP = b"PK"
LARGEST_TABLE = 10 << 20
MOST_SENTENCES = 20
BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6])>", re.IGNORECASE)
CHOSEN = """
and c.deleted_at is null and (%(course)s::text is null or c.course_id = %(course)s)
and (%(deck)s::uuid is null or c.deck_id = %(deck)s)
order by c.created_at, c.card_id
"""
IN_DECKS = "and c.deleted_at is null and d.name = any(%(decks)s)"


@dataclass(frozen=True)
class Place:
    """Where cards of a file go that do not say it themselves."""

    course_id: str | None = None
    deck: str | None = None


def import_cards(
    connection: Connection,
    store: ObjectStore,
    account_id: UUID,
    file: Path,
    place: Place,
    *,
    zone: ZoneInfo,
    moment: datetime,
) -> CardsImported:
    """Take in a file of cards; what it is tells its first bytes. The same file twice adds nothing.

    Raises:
        CardFileError: with a sentence that says why it cannot be taken; nothing has been written then.
    """
    with file.open("rb") as opened:
        head = opened.read(len(ZIP))
    if head == ZIP:
        return import_package(
            connection, store, account_id, file, course_id=place.course_id, zone=zone, moment=moment
        )  # fmt: skip
    if file.stat().st_size > LARGEST_TABLE:
        raise CardFileError(f"A table of cards can have at most {LARGEST_TABLE >> 20} MB.")
    connection.execute(ONE_AT_A_TIME, [str(account_id)])
    return _import_table(connection, account_id, file.read_bytes(), place, moment)


def choose(connection: Connection, account_id: UUID, course_id: str | None, deck_id: UUID | None) -> list[CardHere]:
    """The cards of a course, of a deck, or all; the oldest first."""
    return read_cards(connection, account_id, CHOSEN, course=course_id, deck=deck_id)


def as_table(cards: Sequence[CardHere], kind: Literal["csv", "tsv", "quizlet"]) -> str:
    """Cards as a table, a cloze once for all its gaps."""
    if not cards:
        raise CardFileError(NOTHING)
    rows = (
        TableCard(_plain(card.front, card.markup), _plain(card.back, card.markup), tuple(card.tags), card.deck)
        for card in cards
    )
    return write_table(dict.fromkeys(rows), kind)


def _import_table(
    connection: Connection, account_id: UUID, data: bytes, place: Place, moment: datetime
) -> CardsImported:
    table = read_table(data)
    unnamed = place.deck or decks.names_of(connection, {(place.course_id, None)})[place.course_id, None]
    named = {card: card.deck or unnamed for card in table.cards}
    here = read_cards(connection, account_id, IN_DECKS, decks=list(set(named.values())))
    known = {_same(one.deck, one.front, one.back) for one in here}
    known |= {_same(one.deck, _plain(one.front, one.markup), _plain(one.back, one.markup)) for one in here}
    new = [card for card in named if _same(named[card], card.front, card.back) not in known]
    cards = [one for card in new for one in _cards(card, named[card], place.course_id, is_html=table.is_html)]
    add_cards(connection, account_id, cards, moment)
    left = table.left_out
    if len(left) > MOST_SENTENCES:
        left = [*left[:MOST_SENTENCES], f"And {len(left) - MOST_SENTENCES:,} rows more."]
    return CardsImported(
        kind="table",
        cards_added=len(cards),
        cards_changed=0,
        cards_known=len(named) - len(new),
        reviews_added=0,
        media_added=0,
        decks=sorted(set(named.values())),
        left_out=left,
    )


def _cards(card: TableCard, deck: str, course_id: str | None, *, is_html: bool) -> list[NewCard]:
    gaps: list[int | None] = [*numbers(card.front)]
    note_id = uuid4() if gaps else None
    return [
        NewCard(
            card.front, card.back, kind="cloze" if gap else "basic", cloze_number=gap,
            markup="html" if is_html else "markdown", deck=deck, course_id=course_id, tags=card.tags, origin="file",
            note_id=note_id,
        )
        for gap in gaps or [None]
    ]  # fmt: skip


def _same(*texts: str) -> tuple[str, ...]:
    """What is the same for texts that differ in blanks alone."""
    return tuple(" ".join(text.split()) for text in texts)


def _plain(side: str, markup: str) -> str:
    """A side as text; what was formatted as HTML loses that."""
    if markup == "markdown":
        return side
    return unescape(nh3.clean(BREAK.sub("\n", side), tags=set())).strip()
