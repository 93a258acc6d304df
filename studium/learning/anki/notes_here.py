"""Notes as they are kept here: read from and written to the database, with what their cards say of them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from studium.learning.anki.cards_here import write_many
from studium.learning.anki.own_notes import OWN, Written, written
from studium.learning.anki.records import Note, Notetype, Template
from studium.learning.anki.templates import sides

NOTES = """
select n.note_id, n.guid, n.anki_id, n.fields, n.tags, n.modified_at, n.kept, t.definition
from app.anki_notes as n inner join app.anki_notetypes as t using (notetype_id)
where n.account_id = %(account)s and (n.guid = any(%(guids)s) or n.note_id = any(%(ids)s))
"""
NOTETYPE = """
insert into app.anki_notetypes (account_id, anki_id, definition, digest)
values (%(account)s, %(anki_id)s, %(definition)s, %(digest)s)
on conflict (account_id, digest) do update set digest = excluded.digest
returning notetype_id
"""
KEEP = """
insert into app.anki_notes (note_id, account_id, guid, anki_id, notetype_id, fields, tags, modified_at, kept)
select r.note_id, app.current_account(), r.guid, r.anki_id, r.notetype_id, r.fields, r.tags, r.modified_at, r.kept
from jsonb_to_recordset(%s) as r (
    note_id uuid, guid text, anki_id bigint, notetype_id uuid, fields jsonb, tags text[], modified_at timestamptz,
    kept jsonb
)
on conflict (account_id, guid) do update
set notetype_id = excluded.notetype_id, fields = excluded.fields, tags = excluded.tags,
    modified_at = excluded.modified_at, kept = excluded.kept
"""


@dataclass
class Kept:
    """What there is no place for here, by the number of the card."""

    numbers: dict[str, int] = field(default_factory=dict)
    """Which card of the note each of ours is, where several are made of the same fields."""
    flags: dict[str, int] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    """`states.packed` of each card: unless it was asked here since, it goes back as it came."""
    log: list[list[int]] = field(default_factory=list)
    """The card's number and the line of the log, for lines in which nothing was asked."""


@dataclass(frozen=True)
class NoteHere:
    """A note that was imported."""

    note_id: UUID
    note: Note
    notetype: Notetype
    kept: Kept

    def number_of(self, card_id: UUID, cloze_number: int | None) -> int:
        """Which of the note's cards one of ours is, as Anki counts."""
        return cloze_number - 1 if cloze_number else self.kept.numbers.get(str(card_id), 0)


def read_notes(
    connection: Connection, account_id: UUID, *, guids: Iterable[str] = (), ids: Iterable[UUID] = ()
) -> dict[UUID, NoteHere]:
    """The notes of these names or ids."""
    found = connection.execute(NOTES, {"account": account_id, "guids": list(guids), "ids": list(ids)}).fetchall()
    made = {}
    for note_id, guid, anki_id, fields, tags, modified_at, kept, definition in found:
        kind = read_notetype(definition)
        note = Note(
            anki_id, guid, kind.notetype_id, int(modified_at.timestamp()), tuple(tags), tuple(fields)
        )  # fmt: skip
        made[note_id] = NoteHere(note_id, note, kind, Kept(**kept))
    return made


def keep_notetypes(connection: Connection, account_id: UUID, notetypes: Iterable[Notetype]) -> dict[int, UUID]:
    """Ids of notetypes here, by their number in Anki."""
    ids = {}
    for one in notetypes:
        definition = asdict(one)
        digest = sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()
        facts = {"account": account_id, "anki_id": one.notetype_id, "digest": digest}
        [(notetype_id,)] = connection.execute(NOTETYPE, {**facts, "definition": Jsonb(definition)}).fetchall()
        ids[one.notetype_id] = notetype_id
    return ids


def keep_notes(connection: Connection, notes: Iterable[NoteHere], notetypes: Mapping[int, UUID]) -> None:
    """Write notes down, new ones and those that changed."""
    rows = [
        {
            "note_id": one.note_id,
            "guid": one.note.guid,
            "anki_id": one.note.note_id,
            "notetype_id": notetypes[one.note.notetype_id],
            "fields": one.note.fields,
            "tags": one.note.tags,
            "modified_at": datetime.fromtimestamp(one.note.modified, UTC),
            "kept": vars(one.kept),
        }
        for one in notes
    ]
    write_many(connection, KEEP, rows)


def text_of(notetype: Notetype, note: Note, number: int, deck: str, media: Mapping[str, str]) -> Written | None:
    """What a note's card says here; None when its notetype has no such card."""
    if note.notetype_id in OWN and (own := written(note)) is not None:
        return own
    filled = sides(notetype, note, number, deck, media)
    return Written(filled.front, filled.back, "html") if filled else None


def read_notetype(definition: dict[str, Any]) -> Notetype:
    """A notetype as it was written down."""
    templates = tuple(Template(**one) for one in definition["templates"])
    return Notetype(**{**definition, "fields": tuple(definition["fields"]), "templates": templates})
