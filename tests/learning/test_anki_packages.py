"""Packages: written and read again, and what is refused of those that mean harm."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import zstandard

from studium.learning.anki import protobuf
from studium.learning.anki.archive import Limits, open_package
from studium.learning.anki.collection import read_collection
from studium.learning.anki.own_notes import BASIC, CLOZE, fields_of, guid_of, identity_of, written
from studium.learning.anki.records import CardRow, Note, Notetype, Package, ReviewRow, Template
from studium.learning.anki.states import Days
from studium.learning.anki.templates import LONGEST_RAW, TooLongError, clozes, sides
from studium.learning.anki.writing import OutNote, write_package
from studium.learning.card_file_errors import CardFileError

DAYS = Days(date(2026, 1, 5), ZoneInfo("Europe/Zagreb"))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTE = Note(
    1_760_000_000_000,
    "guid",
    BASIC.notetype_id,
    1_760_000_000,
    ("a", "b::c"),
    fields_of("*f* & {{x}}", "b", "markdown", None),
)
CARD = CardRow(
    1_760_000_000_001, NOTE.note_id, "Bio::Cells", 0, type=2, queue=2, due=9, interval=4, factor=2500, reps=1
)
REVIEW = ReviewRow(1_760_000_000_002, CARD.card_id, 3, 4, 0, 500, 900, 0)
Spoil = Callable[[sqlite3.Connection], object]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "cards.apkg"
    write_package(path, [OutNote(NOTE, BASIC, [CARD], [REVIEW])], {"a ü.png": b"png"}, DAYS, NOW)
    return path


def read(path: Path, limits: Limits | None = None) -> tuple[Package, dict[str, bytes | None]]:
    folder = path.parent / "unpacked"
    folder.mkdir(exist_ok=True)
    with open_package(path, folder, limits or Limits()) as opened:
        return read_collection(opened.collection), {name: opened.medium(name) for name in opened.media}


def zipped(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "."), data)
    return path


def spoiled(package: Path, spoil: Spoil) -> Path:
    """The package with its collection changed."""
    database = package.with_suffix(".db")
    with zipfile.ZipFile(package) as archive:
        database.write_bytes(archive.read("collection.anki2"))
    with closing(sqlite3.connect(database)) as connection:
        spoil(connection)
        connection.commit()
    return zipped(package.with_name("spoiled.apkg"), collection__anki2=database.read_bytes(), media=b"{}")


def test_a_package_is_read_as_it_was_written(package: Path) -> None:
    found, media = read(package)
    assert found.notes == [NOTE]
    assert found.cards == [CARD]
    assert found.reviews == [REVIEW]
    assert found.notetypes[BASIC.notetype_id] == BASIC
    assert found.minutes_west == -60
    assert datetime.fromtimestamp(found.created, UTC) == datetime(2026, 1, 5, 3, tzinfo=UTC)
    assert media == {"a ü.png": b"png"}


def test_what_was_written_here_comes_back_as_it_was_written_while_anki_left_it() -> None:
    text = written(NOTE)
    assert text is not None
    assert (text.front, text.back, text.markup) == ("*f* & {{x}}", "b", "markdown")
    assert written(replace(NOTE, fields=("other", *NOTE.fields[1:]))) is None
    for forged in ("", "{}", '{"of":1}', "[" * 5000, '{"front":1}'):
        assert written(replace(NOTE, fields=(*NOTE.fields[:3], forged))) is None


def test_a_guid_names_a_card_of_ours_or_none() -> None:
    one = UUID("6b0f0d0c-0f7a-4f6e-9a11-5d3a2f6a7c10")
    assert identity_of(guid_of(one)) == one
    assert [identity_of(guid) for guid in ("x", "studium-", "studium-!!", "studium-AAAA", "studium-é")] == [None] * 5


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ({"readme": b"hello"}, "no Anki package"),
        ({"collection__anki2": b"no database", "media": b"{}"}, "cannot be read"),
        ({"collection__anki2": b"", "media": b"{}"}, "cannot be read"),
        ({"collection__anki21b": b"no zstd", "media": b""}, "damaged"),
        ({"collection__anki2": b"x", "meta": b"\x08\x09", "media": b"{}"}, "newer Anki"),
        ({"collection__anki2": b"x", "meta": b"\xff\xff", "media": b"{}"}, "damaged"),
        ({"collection__anki2": b"x", "media": b"[1]"}, "damaged"),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, entries: dict[str, bytes], why: str) -> None:
    with pytest.raises(CardFileError, match=why):
        read(zipped(tmp_path / "x.apkg", **entries))


def test_a_package_that_is_cut_off_is_refused(package: Path, tmp_path: Path) -> None:
    whole = package.read_bytes()
    for part in range(1, 10):
        cut = tmp_path / "cut.apkg"
        cut.write_bytes(whole[: len(whole) * part // 10])
        with pytest.raises(CardFileError):
            read(cut)


def test_a_bomb_is_refused_before_it_fills_the_disk(package: Path, tmp_path: Path) -> None:
    limits = Limits(collection_bytes=1 << 20, media_list_bytes=1 << 20, medium_bytes=1 << 10, entries=10)
    nothing = bytes(8 << 20)
    packed = zstandard.ZstdCompressor().compress(nothing)
    with pytest.raises(CardFileError, match="more than 1 MB"):
        read(zipped(tmp_path / "a.apkg", collection__anki2=nothing, media=b"{}"), limits)
    with pytest.raises(CardFileError, match="more than 1 MB"):
        read(zipped(tmp_path / "b.apkg", collection__anki21b=packed, media=b""), limits)
    with zipfile.ZipFile(package) as archive:
        collection = archive.read("collection.anki2")
    with pytest.raises(CardFileError, match="list of media"):
        read(zipped(tmp_path / "c.apkg", collection__anki2=collection, media=nothing), limits)
    with pytest.raises(CardFileError, match="10 entries"):
        read(zipped(tmp_path / "d.apkg", **{f"e{number}": b"" for number in range(11)}), limits)
    large = zipped(tmp_path / "e.apkg", collection__anki2=collection, media=b'{"0":"a.png"}', **{"0": nothing})
    assert read(large, limits)[1] == {"a.png": None}


def test_names_that_lead_elsewhere_are_names_and_nothing_is_written_there(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        collection = archive.read("collection.anki2")
    media = json.dumps({"0": "../../evil.png", "1": "/etc/passwd.png"}).encode()
    harmful = zipped(
        tmp_path / "x.apkg", collection__anki2=collection, media=media, **{"0": b"x", "1": b"y", "../z": b"z"}
    )
    _, found = read(harmful)
    assert found == {"../../evil.png": b"x", "/etc/passwd.png": b"y"}
    assert not list(tmp_path.parent.rglob("*evil*"))
    assert not (tmp_path.parent / "z").exists()


ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda db: db.executescript(f"drop table notes; create view notes as {ENDLESS} i as id from n"),
        lambda db: db.executescript("drop table cards; create virtual table cards using fts5(id)"),
        lambda db: db.execute("update col set models = '[]'"),
        lambda db: db.execute("update col set models = '{\"x\": {}}'"),
        lambda db: db.execute("update cards set due = 'soon'"),
        lambda db: db.execute("update cards set nid = x'00'"),
        lambda db: db.execute("delete from col"),
        lambda db: db.execute("drop table notes"),
        lambda db: db.execute("alter table revlog rename column ease to answer"),
    ],
)
def test_a_collection_that_anki_did_not_make_is_refused(package: Path, spoil: Spoil) -> None:
    with pytest.raises(CardFileError, match="cannot be read"):
        read(spoiled(package, spoil))


def test_a_generated_column_runs_no_function(package: Path) -> None:
    def spoil(db: sqlite3.Connection) -> None:
        db.executescript(
            "drop table notes; create table notes (id, guid, mid, mod, tags, flds as (hex(zeroblob(9))), usn);"
            "insert into notes (id, guid, mid, mod, tags) values (1, 'g', 1, 1, '')"
        )

    with pytest.raises(CardFileError):
        read(spoiled(package, spoil))


def test_a_collection_that_takes_too_long_is_given_up(package: Path, tmp_path: Path) -> None:
    ticks = iter(range(0, 10**9, 100))

    def many(db: sqlite3.Connection) -> None:
        rows = ((number, 1, 1, 0, 0, 0, 0, 0, 0) for number in range(60_000))
        db.executemany("insert into revlog values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    with open_package(spoiled(package, many), tmp_path) as opened, pytest.raises(CardFileError, match="cannot be read"):
        read_collection(opened.collection, clock=lambda: next(ticks))


def test_a_message_that_ends_too_early_is_damaged() -> None:
    assert list(protobuf.fields(b"\x08\x96\x01\x12\x03abc")) == [(1, 150), (2, b"abc")]
    for broken in (b"\x08", b"\x12\x05ab", b"\x0b", b"\x08" + b"\xff" * 11, b"\x09abc"):
        with pytest.raises(CardFileError):
            list(protobuf.fields(broken))


def notetype(front: str, back: str = "", *, cloze: bool = False) -> Notetype:
    return Notetype(1, "Kind", cloze, ("F", "B", "Empty"), (Template("Card", front, back),))


@pytest.mark.parametrize(
    ("front", "back", "asked", "answered"),
    [
        ("{{F}}", "{{FrontSide}}<hr id=answer>{{B}}", "one", "two &lt; <b>three</b>"),
        ("{{#Empty}}no{{/Empty}}{{^Empty}}yes{{/Empty}}{{#F}}!{{/F}}", "", "yes!", ""),
        ("{{type:B}}{{F}}", "{{type:B}}", "one", "two &lt; <b>three</b>"),
        ("{{text:B}}", "{{unknown:F}}{{None}}", "two &lt; three", "one"),
        ("{{hint:F}}", "{{Tags}} {{Deck}} {{Subdeck}}", "<details><summary>F</summary>one</details>", "t D::E E"),
        ('<img src="http://evil.test/x.png"><img src=a&amp;b.png>', "", '<img><img src="/m/1">', ""),
        ("[sound:s.mp3][sound:gone.mp3]", "", '<audio controls="" src="/m/2"></audio>', ""),
        ("<script>{{F}}</script><p onclick=x()>p</p><style>b{}</style>", "", "<p>p</p>", ""),
    ],
)
def test_templates_are_filled_in_and_cleaned(front: str, back: str, asked: str, answered: str) -> None:
    note = Note(1, "g", 1, 0, ("t",), ("one", "two &lt; <b>three</b>", "<br>"))
    found = sides(notetype(front, back), note, 0, "D::E", {"a&b.png": "/m/1", "s.mp3": "/m/2"})
    assert found is not None
    assert (found.front, found.back) == (asked, answered)


def test_a_cloze_keeps_its_gaps_and_is_told_once() -> None:
    note = Note(1, "g", 1, 0, (), ("{{c1::a}} {{c3::b::h}}", "more", ""))
    found = sides(notetype("{{cloze:F}}", "{{cloze:F}}<br>{{B}}", cloze=True), note, 2, "D", {})
    assert found is not None
    assert (found.front, found.back) == ("{{c1::a}} {{c3::b::h}}", "more")
    assert clozes(note) == [1, 3]


def test_a_card_without_end_is_no_card() -> None:
    note = Note(1, "g", 1, 0, (), ("x" * 30_000, "", ""))
    for front in ("{{F}}" * 1000, "{{F}}", "{{#F}}" * LONGEST_RAW):
        with pytest.raises(TooLongError):
            sides(notetype(front), note, 0, "D", {})


def test_cards_of_one_moment_keep_ids_of_their_own(tmp_path: Path) -> None:
    notes = [replace(NOTE, guid=f"g{number}") for number in range(3)]
    cards = [replace(CARD, card_id=CARD.card_id + number, number=number) for number in range(2)]
    reviews = [replace(REVIEW, card_id=card.card_id) for card in cards]
    out = [OutNote(replace(notes[0], notetype_id=CLOZE.notetype_id), CLOZE, cards, reviews)]
    path = tmp_path / "x.apkg"
    write_package(path, [*out, *(OutNote(one, BASIC, [], []) for one in notes[1:])], {}, DAYS, NOW)
    found, _ = read(path)
    assert [note.note_id - NOTE.note_id for note in found.notes] == [0, 1, 2]
    assert [(one.review_id - REVIEW.review_id, one.card_id) for one in found.reviews] == [
        (0, cards[0].card_id), (1, cards[1].card_id),
    ]  # fmt: skip
