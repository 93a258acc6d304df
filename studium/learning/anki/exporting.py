"""One's cards as Anki's notes: what came from a package goes as it came, with what was learnt of it since."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from obstore.store import ObjectStore
from psycopg import Connection

from studium.learning.anki import media as media_here
from studium.learning.anki.cards_here import CardHere, ReviewHere, as_row, millis_of, read_reviews
from studium.learning.anki.notes_here import NoteHere, read_notes, text_of
from studium.learning.anki.own_notes import BASIC, CLOZE, OWN, fields_of, guid_of
from studium.learning.anki.records import CardRow, Note, Notetype, ReviewRow
from studium.learning.anki.states import BURIED_BY_HAND, SUSPENDED, Days, to_anki, unpacked
from studium.learning.anki.writing import OutNote, days_of, write_package
from studium.learning.card_file_errors import CardFileError

ONE_FIELD = re.compile(r"\s*\{\{(?:cloze:)?([^{}:#^/]+)\}\}\s*")
AROUND_ANSWER = re.compile(r"\{\{FrontSide\}\}|\{\{cloze:[^{}:]+\}\}|<hr[^>]{0,50}>|<br\s*/?>|\n")
NOTHING = "There are no cards to export."


def export_package(
    connection: Connection,
    store: ObjectStore,
    account_id: UUID,
    cards: Sequence[CardHere],
    file: Path,
    *,
    zone: ZoneInfo,
    moment: datetime,
    with_scheduling: bool = True,
) -> None:
    """Write a package with these cards, their pictures, and, if wanted, what is remembered of them."""
    if not cards:
        raise CardFileError(NOTHING)
    reviews = read_reviews(connection, account_id, [card.card_id for card in cards]) if with_scheduling else {}
    first = min([moment, *(card.created_at for card in cards), *(card.due_at for card in cards if card.due_at)])
    days = days_of(first, zone)
    addresses = media_here.addresses(connection, account_id)
    here = read_notes(connection, account_id, ids={card.note_id for card in cards if card.note_id})
    maker = _Maker(days, reviews, addresses, moment, with_scheduling)
    notes = [
        note for group in _groups(cards, here) for note in maker.notes(here.get(group[0].note_id or UUID(int=0)), group)
    ]
    texts = [text for one in notes for text in one.note.fields]
    media = media_here.load_media(connection, store, account_id, texts)
    write_package(file, notes, media, days, moment)


def _groups(cards: Sequence[CardHere], here: Mapping[UUID, NoteHere]) -> list[list[CardHere]]:
    """Cards of one note together: those of imported notes, and the gaps of one text."""
    groups: dict[object, list[CardHere]] = defaultdict(list)
    for card in sorted(cards, key=lambda card: (card.created_at, card.cloze_number or 0, card.card_id)):
        if card.note_id in here:
            groups[card.note_id].append(card)
        elif card.kind == "cloze" and card.note_id:
            groups[card.note_id, card.front, card.back].append(card)
        else:
            groups[card.card_id].append(card)
    return list(groups.values())


class _Maker:
    """Makes notes of cards."""

    def __init__(
        self,
        days: Days,
        reviews: Mapping[UUID, list[ReviewHere]],
        addresses: Mapping[str, str],
        moment: datetime,
        with_scheduling: bool,
    ) -> None:
        self._days, self._reviews, self._addresses = days, reviews, addresses
        self._moment, self._with_scheduling = moment, with_scheduling
        self._taken: set[int] = set()

    def notes(self, here: NoteHere | None, cards: list[CardHere]) -> list[OutNote]:
        """The note of these cards; those changed here in a way the note cannot say are notes of their own."""
        if here is None:
            return [self._own(cards)]
        changed = [card for card in cards if self._is_changed(here, card)]
        fields = _changed_fields(here, changed, self._addresses) if changed else here.note.fields
        apart: list[CardHere] = []
        if fields is None or len({(card.front, card.back) for card in changed}) > 1:
            apart, fields = changed, here.note.fields
        kept = [card for card in cards if card not in apart]
        made = [self._own([replace(card, note_id=None)]) for card in apart]
        if kept:
            tags = here.note.tags if set(kept[0].tags) == set(here.note.tags) else tuple(kept[0].tags)
            # Anki counts seconds and takes what is newer
            modified = max([here.note.modified, *(max(here.note.modified + 1, _seconds(card)) for card in changed)])
            note = replace(here.note, fields=fields, tags=tags, modified=modified)
            made.append(self._out(note, here.notetype, kept, here))
        return made

    def _own(self, cards: list[CardHere]) -> OutNote:
        one = cards[0]
        identity = one.note_id if len(cards) > 1 and one.note_id else one.card_id
        kind = CLOZE if one.kind == "cloze" else BASIC
        front, back = (media_here.by_name(side, self._addresses) for side in (one.front, one.back))
        note = Note(
            millis_of(one.created_at), guid_of(identity), kind.notetype_id, _seconds(one),
            tuple("_".join(tag.split()) for tag in one.tags), fields_of(front, back, one.markup, one.quote),
        )  # fmt: skip
        return self._out(note, kind, cards, None)

    def _is_changed(self, here: NoteHere, card: CardHere) -> bool:
        number = here.number_of(card.card_id, card.cloze_number)
        text = text_of(here.notetype, here.note, number, card.deck, self._addresses)
        return text is None or (text.front, text.back) != (card.front, card.back)

    def _out(self, note: Note, kind: Notetype, cards: list[CardHere], here: NoteHere | None) -> OutNote:
        rows, log = [], []
        numbers = {}
        for card in cards:
            row = self._row(note, card, here)
            numbers[row.number] = row.card_id
            rows.append(row)
            log += [as_row(review, row.card_id) for review in self._reviews.get(card.card_id, [])]
        if here and self._with_scheduling:
            log += [ReviewRow(line[1], numbers[line[0]], *line[2:]) for line in here.kept.log if line[0] in numbers]
        return OutNote(note, kind, rows, log)

    def _row(self, note: Note, card: CardHere, here: NoteHere | None) -> CardRow:
        first = card.cloze_number - 1 if card.cloze_number else 0
        number = here.number_of(card.card_id, card.cloze_number) if here else first
        card_id = millis_of(card.created_at)
        while card_id in self._taken:
            card_id += 1
        self._taken.add(card_id)
        if not self._with_scheduling:
            return CardRow(card_id, note.note_id, card.deck, number)
        row = to_anki(card_id, note.note_id, card.deck, number, card.known, self._days)
        kept = here.kept.rows.get(str(number)) if here else None
        row = (unpacked(kept, row, card.known, self._days) if kept else None) or row
        queue = row.queue
        if card.suspended_at:
            queue = SUSPENDED
        elif card.buried_until and card.buried_until > self._moment.astimezone(self._days.zone).date():
            queue = BURIED_BY_HAND
        flags = here.kept.flags.get(str(number), 0) if here else 0
        return replace(row, queue=queue, reps=card.reps, lapses=card.lapses, flags=flags)


def _seconds(card: CardHere) -> int:
    return int(card.updated_at.timestamp())


def _changed_fields(
    here: NoteHere, changed: Sequence[CardHere], addresses: Mapping[str, str]
) -> tuple[str, ...] | None:
    """The note's fields as a card was changed to here; None where its templates do more than show two fields."""
    card, kind = changed[0], here.notetype
    template = kind.template(here.number_of(card.card_id, card.cloze_number))
    if template is None:
        return None
    if kind.notetype_id in OWN:
        front, back = (media_here.by_name(side, addresses) for side in (card.front, card.back))
        return fields_of(front, back, card.markup, card.quote)
    asked = ONE_FIELD.fullmatch(template.front)
    answered = ONE_FIELD.fullmatch(AROUND_ANSWER.sub("", template.back))
    names = {name: place for place, name in enumerate(kind.fields)}
    if not asked or not answered or not {asked[1].strip(), answered[1].strip()} <= names.keys():
        return None
    fields = list(here.note.fields)
    fields[names[asked[1].strip()]] = media_here.by_name(card.front, addresses)
    fields[names[answered[1].strip()]] = media_here.by_name(card.back, addresses)
    return tuple(fields)
