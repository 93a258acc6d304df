"""Cards as a learner writes them: by hand or from a passage, a cloze as one card for each of its gaps; and edited."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from psycopg import Connection
from psycopg.rows import class_row

from studium.learning import card_changes, sources
from studium.learning.cards import NewCard, NoSuchCardError, add_cards
from studium.learning.faces import numbers
from studium.learning.topics import read_topics
from studium.wire.cards import CardChange, NewFlashcard

NO_GAP = "A cloze needs a gap, written {{c1::like this}}."
NOTE = """
select c.card_id, c.kind, c.cloze_number, c.front, c.back, c.markup, c.course_id, c.topic_id, c.note_id, c.origin,
    c.document_id, c.chunk_id, c.source_sha256, c.quote, c.tags, d.name as deck
from app.cards as c inner join app.decks as d on c.deck_id = d.deck_id
where c.account_id = %(account)s and c.deleted_at is null and (c.card_id = %(card_id)s or c.note_id = (
    select o.note_id from app.cards as o where o.account_id = %(account)s and o.card_id = %(card_id)s
))
order by c.card_id for update of c
"""
EDIT = """
update app.cards
set front = coalesce(%(front)s, front), back = coalesce(%(back)s, back), updated_at = %(moment)s,
    source_sha256 = case when %(accepted)s then null else source_sha256 end,
    quote = case when %(accepted)s then null else quote end
where account_id = %(account)s and card_id = any(%(ids)s)
"""


class BadCardError(ValueError):
    """A card that cannot be asked, with a sentence for whoever wrote it."""


def add(connection: Connection, account_id: UUID, new: NewFlashcard, key: str | None, moment: datetime) -> list[UUID]:
    """Add a card, or the cards of a cloze's gaps. Under the same key a second time nothing is added."""
    card = _placed(connection, new)
    written = [card]
    if new.kind == "cloze":
        if not numbers(new.front):
            raise BadCardError(NO_GAP)
        note_id = _id(account_id, key, 0)
        written = [replace(card, cloze_number=number, note_id=note_id) for number in numbers(new.front)]
    keyed = [replace(one, card_id=_id(account_id, key, number)) for number, one in enumerate(written, start=1)]
    return add_cards(connection, account_id, keyed, moment)


def edit(connection: Connection, account_id: UUID, card_id: UUID, wanted: CardChange, moment: datetime) -> None:
    """Change a card; of a cloze, the text its cards share: new gaps become cards, and cards without a gap go."""
    with connection.cursor(row_factory=class_row(NewCard)) as cursor:
        note = cursor.execute(NOTE, {"account": account_id, "card_id": card_id}).fetchall()
    own = next((card for card in note if card.card_id == card_id), None)
    if own is None:
        raise NoSuchCardError("You have no such card.")
    shared = note if own.kind == "cloze" else [own]
    new = replace(
        own,
        front=own.front if wanted.front is None else wanted.front,
        back=own.back if wanted.back is None else wanted.back,
    )
    if own.kind == "basic" and not new.back.strip():
        raise BadCardError("A card needs a back, unless it is a cloze.")
    facts = {"account": account_id, "moment": moment, "front": new.front, "back": new.back}
    ids = [card.card_id for card in shared]
    connection.execute(EDIT, {**facts, "ids": ids, "accepted": bool(wanted.source_accepted)})
    if own.kind == "cloze" and new.front != own.front:
        _fit(connection, account_id, new, shared, moment)
    tags = own.tags if wanted.tags is None else wanted.tags
    card_changes.change(
        connection, account_id, [card_id], moment,
        deck=wanted.deck, suspended=wanted.suspended, buried=wanted.buried,
        add_tags=sorted(set(tags) - set(own.tags)), remove_tags=sorted(set(own.tags) - set(tags)),
    )  # fmt: skip


def _fit(connection: Connection, account_id: UUID, new: NewCard, shared: Sequence[NewCard], moment: datetime) -> None:
    """Let a cloze have one card for each gap of its new text."""
    gaps = numbers(new.front)
    if new.cloze_number not in gaps:
        raise BadCardError(f"This card asks for gap {new.cloze_number}, which the text does not have any more.")
    if new.note_id is None:  # a card by itself, made of one gap of a text
        return
    had = {card.cloze_number for card in shared}
    card_changes.change(
        connection, account_id, [card.card_id for card in shared if card.cloze_number not in gaps], moment, deleted=True
    )
    added = [replace(new, cloze_number=number, card_id=uuid4()) for number in gaps if number not in had]
    add_cards(connection, account_id, added, moment)


def _placed(connection: Connection, new: NewFlashcard) -> NewCard:
    """The card with its course and topic; a passage says both, where the learner does not."""
    card = NewCard(
        new.front, new.back, kind=new.kind, deck=new.deck, course_id=new.course_id, topic_id=new.topic_id,
        tags=new.tags, quote=new.quote,
    )  # fmt: skip
    if new.chunk_id is not None or new.document_id is not None:
        found = sources.passage(connection, new.chunk_id, new.document_id, new.quote)
        card = replace(
            card,
            origin="tutor",
            document_id=found.document_id,
            chunk_id=found.chunk_id,
            source_sha256=found.content_sha256,
            course_id=new.course_id or found.course_id,
            topic_id=new.topic_id or (found.topic_id if new.course_id in (None, found.course_id) else None),
        )
    if new.topic_id is not None and new.topic_id not in {
        topic.topic_id for topic in read_topics(connection, card.course_id or "")
    }:
        raise BadCardError("There is no such topic in the course.")
    return card


def _id(account_id: UUID, key: str | None, number: int) -> UUID:
    """A new id; under a key, always the same one for the same card."""
    return uuid4() if key is None else uuid5(NAMESPACE_URL, f"studium:card:{account_id}:{key}:{number}")
