"""Anki's own library, which judges our packages: it imports what we write and writes what we import."""

import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anki.collection import (
    Collection,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)

BACK = 3 * 86_400_000
"""Anki's clock cannot be set: what was answered just now is moved three days back in the log."""


@contextmanager
def collection(path: Path, *, fsrs: bool = True) -> Iterator[Collection]:
    """An empty collection."""
    made = Collection(str(path))
    made.set_config("fsrs", fsrs)
    try:
        yield made
    finally:
        made.close()


def take_in(made: Collection, package: Path) -> None:
    """File, Import: with the learning progress."""
    options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True)
    made.import_anki_package(ImportAnkiPackageRequest(package_path=str(package), options=options))


def write(made: Collection, package: Path, *, legacy: bool) -> bytes:
    """File, Export: with everything; `legacy`: for older Ankis."""
    options = ExportAnkiPackageOptions(
        with_scheduling=True, with_deck_configs=True, with_media=True, legacy=legacy
    )  # fmt: skip
    made.export_anki_package(out_path=str(package), options=options, limit=None)
    return package.read_bytes()


def fill(made: Collection, deck: str, media: dict[str, bytes]) -> None:
    """Notes of four kinds with pictures and sounds; answered, put aside, flagged, moved."""
    for name, data in media.items():
        made.media.write_data(name, data)
    deck_id = made.decks.id(deck)
    assert deck_id is not None
    for kind, count in (
        ("Basic", 6),
        ("Basic (and reversed card)", 6),
        ("Cloze", 6),
        ("Basic (type in the answer)", 3),
    ):
        for number in range(count):
            _add(made, deck_id, kind, number)
    made.decks.select(deck_id)
    answered = 0
    while answered < 18 and (card := made.sched.getCard()):
        card.start_timer()
        made.sched.answerCard(card, 1 + answered % 4)  # type: ignore[arg-type]
        answered += 1
    cards = sorted(made.find_cards(""))
    made.sched.suspend_cards(cards[:2])
    made.sched.bury_cards(cards[2:4])
    made.set_user_flag_for_cards(3, cards[4:6])
    made.sched.set_due_date(cards[6:9], "5-9")
    made.db.execute("update revlog set id = id - ?", BACK)  # type: ignore[union-attr]


def _add(made: Collection, deck_id: Any, kind: str, number: int) -> None:
    notetype = made.models.by_name(kind)
    assert notetype is not None
    note = made.new_note(notetype)
    if kind == "Cloze":
        note["Text"] = f"A {{{{c1::b{number}::hint}}}} of {{{{c2::<i>d</i>}}}} and {{{{c1::again}}}}"
        note["Back Extra"] = '<img src="cell ü&amp;.png">'
    else:
        note["Front"] = f'{kind} {number} <script>alert(1)</script><img src="cell ü&amp;.png" onerror="x()">'
        note["Back"] = 'B &lt; [sound:beat.mp3] <span style="color:red">r</span>'
    note.tags = ["x", f"y::{number}"]
    made.add_note(note, deck_id)


def state(made: Collection, deck: str) -> dict[str, Any]:
    """All that is kept of a deck's notes, by their names; days are counted from today."""
    assert made.db is not None
    found: dict[str, Any] = {}
    for note_id in made.find_notes(f'deck:"{deck}"'):
        guid, fields, tags = made.db.first("select guid, flds, tags from notes where id = ?", note_id)
        cards = {}
        for row in made.db.all(
            "select id, ord, did, type, queue, due, ivl, factor, reps, lapses, left, flags, data from cards "
            "where nid = ?", note_id,
        ):  # fmt: skip
            card_id, number, deck_id, kind, queue, due, *rest, data = row
            told = json.loads(data or "{}")
            if kind and due < 1_000_000_000:
                due -= made.sched.today
            log = made.db.all(
                "select id, ease, ivl, lastIvl, factor, time, type from revlog where cid = ? order by id", card_id
            )
            memory = {name: told.get(name) for name in ("s", "d", "lrt")}
            cards[number] = (made.decks.name(deck_id), kind, queue, due if kind else 0, rest, memory, log)
        found[guid] = (fields, tags, cards)
    return found


def picture(shade: int) -> bytes:
    """A small PNG."""
    rows = b"".join(b"\0" + bytes([shade, 2, 3] * 4) for _ in range(4))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
