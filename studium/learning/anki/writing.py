"""Notes into a package that every Anki since 2.1 reads: `genanki` makes its collection, state and log are added.

The older of Anki's formats: it carries the whole state, and asks nothing of who reads it.
"""

import json
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from hashlib import sha1
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import genanki  # type: ignore[import-untyped]
import nh3

from studium.learning.anki.records import CardRow, Note, Notetype, ReviewRow
from studium.learning.anki.states import ROLLOVER, Days

NOTE = "insert into notes values (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')"
CARD = "insert into cards values (?, ?, ?, ?, ?, -1, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?)"
REVIEW = "insert into revlog values (?, ?, -1, ?, ?, ?, ?, ?, ?)"
CONF = (
    "update col set crt = :crt, mod = :mod, scm = :mod, "
    "conf = json_patch(conf, json_object('schedVer', 2, 'rollover', :rollover, 'creationOffset', :west))"
)


@dataclass(frozen=True)
class OutNote:
    """A note with its notetype, its cards and all their reviews."""

    note: Note
    notetype: Notetype
    cards: list[CardRow]
    reviews: list[ReviewRow]


def days_of(first: datetime, zone: ZoneInfo) -> Days:
    """Anki's days of a collection that begins with `first`."""
    return Days(first.astimezone(zone).date(), zone)


def write_package(file: Path, notes: Iterable[OutNote], media: Mapping[str, bytes], days: Days, now: datetime) -> None:
    """Write a package. Cards have ids of their own; those of notes and reviews that are taken are moved on by one."""
    notes = list(notes)
    database = file.with_suffix(".db")
    with closing(sqlite3.connect(database)) as connection:
        decks = _scaffold(connection, notes, now)
        begun = datetime.combine(days.first, ROLLOVER, days.zone)
        west = -round((begun.utcoffset() or begun - begun).total_seconds() / 60)
        moments = {"crt": int(begun.timestamp()), "mod": int(now.timestamp() * 1000), "west": west}
        connection.execute(CONF, {**moments, "rollover": ROLLOVER.hour})
        _fill(connection, notes, decks, now)
        connection.commit()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(database, "collection.anki2")
        archive.writestr("media", json.dumps({str(place): name for place, name in enumerate(media)}))
        for place, data in enumerate(media.values()):
            archive.writestr(str(place), data)
    database.unlink()


def _scaffold(connection: sqlite3.Connection, notes: list[OutNote], now: datetime) -> dict[str, int]:
    """Tables, notetypes and decks; returns each deck's id."""
    names = sorted({card.deck for one in notes for card in one.cards})
    made = [genanki.Deck(_deck_id(name), name) for name in names]
    for one in {one.notetype.notetype_id: one.notetype for one in notes}.values():
        made[0].add_model(_model(one))
    genanki.Package(made).write_to_db(connection.cursor(), now.timestamp(), count(1))
    return {deck.name: deck.deck_id for deck in made}


def _model(notetype: Notetype) -> "genanki.Model":
    model = genanki.Model(
        notetype.notetype_id,
        notetype.name,
        fields=[{"name": name} for name in notetype.fields],
        templates=[{"name": one.name, "qfmt": one.front, "afmt": one.back} for one in notetype.templates],
        css=notetype.css,
        model_type=genanki.Model.CLOZE if notetype.is_cloze else genanki.Model.FRONT_BACK,
    )
    # which fields a card cannot be without; genanki would fill in the templates to know, and today's Anki does not ask
    model.__dict__["_req"] = [[place, "any", [0]] for place in range(len(notetype.templates))]
    return model


def _fill(connection: sqlite3.Connection, notes: list[OutNote], decks: Mapping[str, int], now: datetime) -> None:
    note_ids, review_ids = _Ids(), _Ids()
    position = count(1)
    for one in sorted(notes, key=lambda one: (one.note.note_id, one.note.guid)):
        note = replace(one.note, note_id=note_ids.take(one.note.note_id))
        first = nh3.clean(note.fields[0], tags=set()).strip()
        tags = f" {' '.join(note.tags)} " if note.tags else ""
        check = int(sha1(first.encode(), usedforsecurity=False).hexdigest()[:8], 16)
        values = (note.note_id, note.guid, note.notetype_id, note.modified, tags, "\x1f".join(note.fields))
        connection.execute(NOTE, (*values, first, check))
        for card in one.cards:
            due = card.due if card.type or card.due else next(position)
            state = (card.type, card.queue, due, card.interval, card.factor, card.reps, card.lapses, card.left)
            place = (card.card_id, note.note_id, decks[card.deck], card.number, int(now.timestamp()))
            connection.execute(CARD, (*place, *state, card.flags, card.data))
        connection.executemany(
            REVIEW,
            [
                (review_ids.take(review.review_id), *astuple(review)[1:])
                for review in sorted(one.reviews, key=lambda review: review.review_id)
            ],
        )


class _Ids:
    """Numbers that are moments in milliseconds, each given once."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def take(self, wanted: int) -> int:
        while wanted in self._taken:
            wanted += 1
        self._taken.add(wanted)
        return wanted


def _deck_id(name: str) -> int:
    """The same for the same name, as large as Anki's own ids."""
    return 1_000_000_000_000 + int(sha1(name.encode(), usedforsecurity=False).hexdigest()[:9], 16)
