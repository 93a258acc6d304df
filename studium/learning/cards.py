"""Cards as they are added and found: whoever makes them, they are put down here.

How they are changed is `card_changes`', how they are asked `reviewing`'s, and how they are shown `showing`'s.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from psycopg import Connection

from studium.learning import decks
from studium.wire.cards import CardKind, Markup, Origin

# An id that is there already is a card that was added already.
ADD = """
insert into app.cards (card_id, account_id, deck_id, course_id, topic_id, note_id, kind, cloze_number, front, back,
                       markup, tags, origin, document_id, chunk_id, source_sha256, quote, created_at, updated_at)
values (%(card_id)s, %(account)s, %(deck_id)s, %(course_id)s, %(topic_id)s, %(note_id)s, %(kind)s, %(cloze_number)s,
        %(front)s, %(back)s, %(markup)s, %(tags)s, %(origin)s, %(document_id)s, %(chunk_id)s, %(source_sha256)s,
        %(quote)s, %(moment)s, %(moment)s)
on conflict (card_id) do nothing
"""


TICK = timedelta(microseconds=1)
"""Cards that are added together are asked in the order they were given in."""


class NoSuchCardError(LookupError):
    """The account has no such card."""


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to add. The caller has made sure that its course, topic and passage are the account's to see."""

    front: str
    back: str
    kind: CardKind = "basic"
    cloze_number: int | None = None
    markup: Markup = "markdown"
    deck: str | None = None
    course_id: str | None = None
    topic_id: str | None = None
    tags: Sequence[str] = ()
    origin: Origin = "hand"
    document_id: UUID | None = None
    chunk_id: UUID | None = None
    source_sha256: str | None = None
    quote: str | None = None
    note_id: UUID | None = None
    card_id: UUID = field(default_factory=uuid4)


def add_cards(connection: Connection, account_id: UUID, cards: Sequence[NewCard], moment: datetime) -> list[UUID]:
    """Add cards, new and due when the day's limit has room; those that name no deck go to their topic's.

    Returns:
        Their ids, in the order given; one that was added before under its id stays as it is.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    called = decks.names_of(connection, {(card.course_id, card.topic_id) for card in cards if card.deck is None})
    places = {(card.deck or called[card.course_id, card.topic_id]): card for card in reversed(cards)}
    # in one order for everybody, so that two who add at once never wait for each other
    opened = {
        name: decks.open_deck(
            connection, account_id, name, moment, course_id=places[name].course_id, topic_id=places[name].topic_id
        )
        for name in sorted(places)
    }
    rows = [
        {
            **asdict(card),
            "tags": sorted(set(card.tags)),
            "account": account_id,
            "deck_id": opened[card.deck or called[card.course_id, card.topic_id]],
            "moment": moment + number * TICK,
        }
        for number, card in enumerate(cards)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(ADD, rows)
    return [card.card_id for card in cards]
