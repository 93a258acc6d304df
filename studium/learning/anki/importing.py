"""A package into one's cards. What is there already stays; what Anki has learnt or changed since comes after.

Notes are known by the name Anki gives them, cards by their number in the note, reviews by card and moment: the same
file twice adds nothing. A card that was deleted here and is imported again is there again.
"""

import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from obstore.store import ObjectStore
from psycopg import Connection
from psycopg.types.json import Jsonb

from studium.days import local_day
from studium.learning import decks
from studium.learning.anki import cards_here, media, reviews_in
from studium.learning.anki.archive import open_package
from studium.learning.anki.cards_here import CardHere
from studium.learning.anki.collection import read_collection
from studium.learning.anki.notes_here import Kept, NoteHere, keep_notes, keep_notetypes, read_notes, text_of
from studium.learning.anki.own_notes import OWN, Written, fields_of, identity_of
from studium.learning.anki.records import CardRow, Note, Notetype, Package, ReviewRow
from studium.learning.anki.states import SUSPENDED, Days, Known, from_anki, packed
from studium.learning.anki.templates import TooLongError
from studium.learning.card_file_errors import CardFileError
from studium.wire.card_files import CardsImported

ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('app.anki_notes ' || %s, 0))"
SECONDS = 240.0
TOO_LONG = "The cards in the file take too long to read. Export fewer decks at a time."
ANKI_BEGAN = 1_100_000_000_000
OCCLUSION = "image-occlusion:"
MOST_INTEGER = 2**31 - 1
WHY = {
    "occlusion": "with parts of a picture covered, which are not shown here yet",
    "long": "too long to be shown as a card",
    "kind": "whose kind of note is missing from the file",
    "damaged": "whose dates make no sense",
    "empty": "with nothing to ask",
}


@dataclass
class _Plan:
    """What an import will write."""

    notes: list[NoteHere] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    restored: list[dict[str, Any]] = field(default_factory=list)
    cards: dict[int, tuple[UUID, str | None]] = field(default_factory=dict)
    """Ours, and its course, by Anki's number of the card."""
    changed: set[UUID] = field(default_factory=set)
    left: Counter[str] = field(default_factory=Counter)


def import_package(
    connection: Connection,
    store: ObjectStore,
    account_id: UUID,
    file: Path,
    *,
    course_id: str | None,
    zone: ZoneInfo,
    moment: datetime,
) -> CardsImported:
    """Take a package in.

    Raises:
        CardFileError: it is none, or not one that can be taken; nothing has been written then.
    """
    connection.execute(ONE_AT_A_TIME, [str(account_id)])
    with tempfile.TemporaryDirectory(prefix="studium-") as folder, open_package(file, Path(folder)) as opened:
        package = read_collection(opened.collection)
        taken = media.take_media(connection, store, account_id, opened)
    package = replace(package, notes=[_renamed(note, taken.renamed) for note in package.notes])
    importer = _Importer(connection, account_id, package, course_id, zone, moment)
    plan = importer.plan()
    kinds = {one.notetype.notetype_id: one.notetype for one in plan.notes}
    keep_notes(connection, plan.notes, keep_notetypes(connection, account_id, kinds.values()))
    cards_here.write_many(connection, cards_here.ADD, plan.new)
    for statement, rows in (
        (cards_here.CHANGE_TEXT, plan.texts),
        (cards_here.CHANGE_STATE, plan.states),
        (cards_here.RESTORE, plan.restored),
    ):
        cards_here.write(connection, statement, rows)
    added = reviews_in.add_reviews(connection, package.reviews, plan.cards)
    return CardsImported(
        kind="anki",
        cards_added=len(plan.new) + len(plan.restored),
        cards_changed=len(plan.changed),
        cards_known=len(plan.cards) - len(plan.new) - len(plan.restored) - len(plan.changed),
        reviews_added=added,
        media_added=taken.added,
        decks=sorted({card.deck for card in package.cards if card.card_id in plan.cards}),
        left_out=_sentences(plan.left, taken.left_out),
    )


class _Importer:
    """Compares a package with what is here."""

    def __init__(
        self,
        connection: Connection,
        account_id: UUID,
        package: Package,
        course_id: str | None,
        zone: ZoneInfo,
        moment: datetime,
    ) -> None:
        self._connection, self._account, self._package = connection, account_id, package
        self._course, self._zone, self._moment = course_id, zone, moment
        self._days = _days(package, zone)
        self._media = media.addresses(connection, account_id)
        self._last = _last_asked(package.reviews)
        self._log = _unasked(package.reviews)
        self._decks: dict[str, UUID] = {}

    def plan(self) -> _Plan:
        """What is to be written; decks are made at once."""
        plan = _Plan()
        cards: dict[int, list[CardRow]] = defaultdict(list)
        for row in self._package.cards:
            cards[row.note_id].append(row)
        here, own = self._here()
        cards_of = self._cards_here(here, own)
        by_guid = {one.note.guid: one for one in here.values()}
        end = time.monotonic() + SECONDS
        for note in self._package.notes:
            if time.monotonic() > end:
                raise CardFileError(TOO_LONG)
            kind = self._package.notetypes.get(note.notetype_id)
            rows = cards.get(note.note_id, [])
            if kind is None or not any(text.strip() for text in note.fields):
                plan.left["kind" if kind is None else "empty"] += len(rows)
            elif any(OCCLUSION in text for text in note.fields):
                plan.left["occlusion"] += len(rows)
            elif note.guid in own and note.notetype_id in OWN:
                self._own(plan, note, kind, rows, cards_of[own[note.guid]])
            else:
                known = by_guid.get(note.guid)
                self._note(plan, note, kind, rows, known, cards_of[known.note_id] if known else [])
        return plan

    def _here(self) -> tuple[dict[UUID, NoteHere], dict[str, UUID]]:
        guids = [note.guid for note in self._package.notes]
        here = read_notes(self._connection, self._account, guids=guids)
        taken = {one.note.guid for one in here.values()}
        named = {guid: identity for guid in guids if guid not in taken and (identity := identity_of(guid))}
        found = {
            identity
            for (identity,) in self._connection.execute(
                "select card_id from app.cards where account_id = %(account)s and card_id = any(%(ids)s) "
                "union select note_id from app.cards where account_id = %(account)s and note_id = any(%(ids)s)",
                {"account": self._account, "ids": list(named.values())},
            )
        }
        return here, {guid: identity for guid, identity in named.items() if identity in found}

    def _cards_here(self, here: Iterable[UUID], own: dict[str, UUID]) -> dict[UUID, list[CardHere]]:
        notes, cards = {*here, *own.values()}, set(own.values())
        found: dict[UUID, list[CardHere]] = defaultdict(list)
        for card in cards_here.read_cards(
            self._connection, self._account, "and (c.note_id = any(%(notes)s) or c.card_id = any(%(cards)s))",
            notes=list(notes), cards=list(cards),
        ):  # fmt: skip
            if card.card_id in cards:
                found[card.card_id].append(card)
            if card.note_id in notes:
                found[card.note_id].append(card)
        return found

    def _note(
        self,
        plan: _Plan,
        note: Note,
        kind: Notetype,
        rows: list[CardRow],
        known: NoteHere | None,
        cards: list[CardHere],
    ) -> None:
        """A note of Anki's."""
        note_id = known.note_id if known else uuid4()
        is_newer = known is None or note.modified > known.note.modified
        changed = known is not None and is_newer and (note.fields, note.tags, kind) != (
            known.note.fields, known.note.tags, known.notetype,
        )  # fmt: skip
        kept = known.kept if known else Kept()
        kept = replace(
            kept, numbers=dict(kept.numbers), flags=dict(kept.flags), rows=dict(kept.rows), log=list(kept.log)
        )  # fmt: skip
        numbered = {known.number_of(card.card_id, card.cloze_number): card for card in cards} if known else {}
        latest, latest_kind = (note, kind) if known is None or changed else (known.note, known.notetype)
        before = len(plan.cards)
        for row in rows:
            card = numbered.get(row.number)
            # what a card says is made anew only where it may have changed
            text = self._text(plan, latest_kind, latest, row) if card is None or changed else None
            state = self._state(plan, row) if text or card else None
            if state is None:
                continue
            if card is None and text is not None:
                card_id = self._add(plan, note_id, kind, note, row, text, state)
                if not kind.is_cloze and row.number:
                    kept.numbers[str(card_id)] = row.number
                kept.rows[str(row.number)] = packed(row, state, self._days)
            elif card is not None and known is not None:
                if self._meet(plan, row, card, state):
                    kept.rows[str(row.number)] = packed(row, state, self._days)
                if changed and text is not None and self._is_untouched(known, card, row):
                    self._rewrite(plan, card, text, note)
            self._keep_rest(kept, row)
        if known is None and len(plan.cards) == before:
            return
        if known is None or changed or kept != known.kept:
            plan.notes.append(NoteHere(note_id, latest, latest_kind, kept))

    def _keep_rest(self, kept: Kept, row: CardRow) -> None:
        if row.flags:
            kept.flags[str(row.number)] = row.flags
        lines = [[row.number, line.review_id, *_rest(line)] for line in self._log.get(row.card_id, [])]
        kept.log += [line for line in lines if line not in kept.log]

    def _is_untouched(self, known: NoteHere, card: CardHere, row: CardRow) -> bool:
        """Whether a card still says what its note said before: what was changed here stays."""
        old = text_of(known.notetype, known.note, row.number, card.deck, self._media)
        return old is not None and (card.front, card.back) == (old.front, old.back)

    def _own(self, plan: _Plan, note: Note, kind: Notetype, rows: list[CardRow], cards: list[CardHere]) -> None:
        """A card of ours that comes back."""
        numbered = {(card.cloze_number or 1) - 1: card for card in cards}
        for row in rows:
            card = numbered.get(row.number, cards[0] if len(cards) == 1 else None)
            state = self._state(plan, row)
            if card is None or state is None:
                continue
            self._meet(plan, row, card, state)
            front, back = (media.by_name(side, self._media) for side in (card.front, card.back))
            went = fields_of(front, back, card.markup, None)
            is_newer = note.modified > int(card.updated_at.timestamp())
            if is_newer and note.fields[:2] != went[:2]:
                text = self._text(plan, kind, note, row)
                if text:
                    self._rewrite(plan, card, text, note)

    def _text(self, plan: _Plan, kind: Notetype, note: Note, row: CardRow) -> Written | None:
        try:
            text = text_of(kind, note, row.number, row.deck, self._media)
        except TooLongError:
            plan.left["long"] += 1
            return None
        if text is None or not text.front:
            plan.left["kind" if text is None else "empty"] += 1
            return None
        return text

    def _state(self, plan: _Plan, row: CardRow) -> Known | None:
        try:
            known = from_anki(row, self._days, self._last.get(row.card_id))
        except (OverflowError, ValueError, OSError):
            known = None
        if known is None or row.number < 0:
            plan.left["damaged"] += 1
            return None
        return known

    def _add(
        self, plan: _Plan, note_id: UUID, kind: Notetype, note: Note, row: CardRow, text: Written, state: Known
    ) -> UUID:
        card_id = uuid4()
        plan.cards[row.card_id] = (card_id, self._course)
        plan.new.append(
            {
                "card_id": card_id,
                "deck_id": self._deck(row.deck),
                "course_id": self._course,
                "note_id": note_id,
                "kind": "cloze" if kind.is_cloze else "basic",
                "cloze_number": row.number + 1 if kind.is_cloze else None,
                "front": text.front,
                "back": text.back,
                "markup": text.markup,
                "tags": sorted(set(note.tags)),
                "reps": _small(row.reps),
                "lapses": _small(row.lapses),
                "suspended_at": self._moment if row.queue == SUSPENDED else None,
                "buried_until": self._tomorrow if row.queue < SUSPENDED else None,
                "created_at": self._created(row.card_id),
                "moment": self._moment,
                **cards_here.state_values(state),
            }
        )
        return card_id

    def _meet(self, plan: _Plan, row: CardRow, card: CardHere, state: Known) -> bool:
        """A card that is here already: brought back if it was deleted, and to Anki's state if that is the later one."""
        plan.cards[row.card_id] = (card.card_id, card.course_id)
        if card.deleted_at is not None:
            plan.restored.append({"card_id": card.card_id, "moment": self._moment})
        theirs, ours = state.last_reviewed_at, card.last_reviewed_at
        if theirs and (ours is None or cards_here.millis_of(theirs) // 1000 > cards_here.millis_of(ours) // 1000):
            values = {"reps": _small(row.reps), "lapses": _small(row.lapses), "moment": self._moment}
            states = {**cards_here.state_values(state), "memory": Jsonb(state.memory)}
            plan.states.append({"card_id": card.card_id, **values, **states})
            plan.changed.add(card.card_id)
            return True
        return False

    def _rewrite(self, plan: _Plan, card: CardHere, text: Written, note: Note) -> None:
        words = {"front": text.front, "back": text.back, "markup": text.markup}
        tags = sorted(set(note.tags))
        if words != {"front": card.front, "back": card.back, "markup": card.markup} or tags != card.tags:
            plan.texts.append({"card_id": card.card_id, **words, "tags": tags, "moment": self._moment})
            plan.changed.add(card.card_id)

    def _deck(self, name: str) -> UUID:
        name = " ".join(name.split())[: decks.LONGEST_NAME] or decks.UNNAMED
        if name not in self._decks:
            self._decks[name] = decks.open_deck(
                self._connection, self._account, name, self._moment, course_id=self._course
            )
        return self._decks[name]

    @property
    def _tomorrow(self) -> date:
        return local_day(self._moment, self._zone) + timedelta(days=1)

    def _created(self, card_id: int) -> datetime:
        """Anki numbers cards by the millisecond in which they were made."""
        now = cards_here.millis_of(self._moment)
        return datetime.fromtimestamp(card_id / 1000, UTC) if ANKI_BEGAN < card_id <= now else self._moment


def _days(package: Package, zone: ZoneInfo) -> Days:
    begun = datetime.fromtimestamp(package.created, UTC)
    if package.minutes_west is None:
        return Days(begun.astimezone(zone).date(), zone)
    return Days((begun - timedelta(minutes=package.minutes_west)).date(), zone)


def _last_asked(reviews: Iterable[ReviewRow]) -> dict[int, ReviewRow]:
    return {review.card_id: review for review in sorted(reviews, key=lambda one: one.review_id) if review.ease > 0}


def _unasked(reviews: Iterable[ReviewRow]) -> dict[int, list[ReviewRow]]:
    found: dict[int, list[ReviewRow]] = defaultdict(list)
    for review in reviews:
        if not reviews_in.is_answer(review):
            found[review.card_id].append(review)
    return found


def _rest(line: ReviewRow) -> tuple[int, ...]:
    return (line.ease, line.interval, line.last_interval, line.factor, line.time, line.type)


def _small(number: int) -> int:
    return min(max(number, 0), MOST_INTEGER)


def _renamed(note: Note, renamed: dict[str, str]) -> Note:
    """A note whose media have other names here, however they are written in HTML."""
    if not renamed:
        return note
    written = {write(name): write(other) for name, other in renamed.items() for write in (str, escape, quote)}
    names = re.compile("|".join(rf"(?<![\w.%-]){re.escape(name)}" for name in sorted(written, key=len, reverse=True)))
    return replace(note, fields=tuple(names.sub(lambda found: written[found[0]], text) for text in note.fields))


def _sentences(left: Counter[str], media_left: int) -> list[str]:
    said = [
        f"{count:,} {'card' if count == 1 else 'cards'} {WHY[why]}." for why, count in sorted(left.items()) if count
    ]
    if media_left:
        said.append(
            f"{media_left:,} {'file' if media_left == 1 else 'files'} beside the cards: neither picture nor sound."
        )
    return said
