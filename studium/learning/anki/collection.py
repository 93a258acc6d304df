"""The SQLite file inside a package, of either schema (11 and 18), read and never written.

The file is another's: SQLite may only look at the tables named here, runs no function, follows no view and stops
after a while.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from studium.learning.anki import protobuf
from studium.learning.anki.records import CardRow, Note, Notetype, Package, ReviewRow, Template
from studium.learning.card_file_errors import CardFileError

TABLES = {"col", "notes", "cards", "revlog", "notetypes", "fields", "templates", "decks", "config"}
NEEDED = {"col", "notes", "cards"}
SECONDS = 60.0
STEPS = 100_000
COMPUTED = re.compile(r"\bas\s*\(|\bvirtual\b", re.IGNORECASE)
"""Columns that a function makes."""
LARGEST_VALUE = 16 << 20
MOST_NOTES, MOST_CARDS, MOST_REVIEWS = 100_000, 200_000, 2_000_000
CLOZE = 1
DAMAGED = "The cards in the file cannot be read: it is damaged, or was not made by Anki."
FIELD_MARK, DECK_MARK = "\x1f", "\x1f"
NO_ID = -1


def read_collection(file: Path, clock: Callable[[], float] = time.monotonic) -> Package:
    """Everything of a collection that is known here.

    Raises:
        CardFileError: it is no collection, or holds more than is taken.
    """
    try:
        with _opened(file, clock) as connection:
            return _read(connection)
    except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, CardFileError):
            raise
        raise CardFileError(DAMAGED) from error


@contextmanager
def _opened(file: Path, clock: Callable[[], float]) -> Iterator[sqlite3.Connection]:
    end = clock() + SECONDS
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
        connection.execute("pragma trusted_schema = off")
        connection.execute("pragma cell_size_check = on")
        connection.text_factory = lambda value: value.decode("utf-8", "replace").replace("\0", "")
        connection.create_collation("unicase", _unicase)
        connection.set_progress_handler(lambda: clock() > end, STEPS)
        connection.set_authorizer(_allowed)
        yield connection


def _allowed(action: int, first: str | None, _second: str | None, _database: str | None, inner: str | None) -> int:
    """Reading the known tables themselves; nothing through a view or a trigger, and no function but `count`."""
    if inner is not None:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and first in {*TABLES, "sqlite_master"}:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and _second == "count":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _unicase(one: str, other: str) -> int:
    one, other = one.casefold(), other.casefold()
    return (one > other) - (one < other)


def _read(connection: sqlite3.Connection) -> Package:
    schema = dict(connection.execute("select name, sql from sqlite_master where type = 'table'"))
    tables = schema.keys() & TABLES
    if not tables >= NEEDED or any(COMPUTED.search(schema[table]) for table in tables):
        raise CardFileError(DAMAGED)
    for table, most in (("notes", MOST_NOTES), ("cards", MOST_CARDS), ("revlog", MOST_REVIEWS)):
        if table in tables and connection.execute(f"select count(*) from {table}").fetchone()[0] > most:  # noqa: S608
            raise CardFileError(f"The file holds more than {most:,} {table}; export fewer decks at a time.")
    created, conf, models, decks = connection.execute("select crt, conf, models, decks from col").fetchone()
    is_new = "notetypes" in tables
    return Package(
        created=int(created),
        minutes_west=_new_offset(connection) if is_new else _offset(json.loads(conf or "{}")),
        notetypes=_new_notetypes(connection) if is_new else _notetypes(json.loads(models)),
        notes=[
            Note(int(note_id), str(guid), int(mid), int(modified), tuple(_text(tags).split()), _fields(values))
            for note_id, guid, mid, modified, tags, values in connection.execute(
                "select id, guid, mid, mod, tags, flds from notes order by id"
            )
        ],
        cards=_cards(connection, _new_decks(connection) if is_new else _decks(json.loads(decks))),
        reviews=[
            ReviewRow(*(int(value) for value in row))
            for row in connection.execute(
                "select id, cid, ease, ivl, lastIvl, factor, time, type from revlog order by id"
            )
        ]
        if "revlog" in tables
        else [],
    )


def _cards(connection: sqlite3.Connection, decks: dict[int, str]) -> list[CardRow]:
    found = []
    for row in connection.execute(
        "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data "
        "from cards order by id"
    ):
        *numbers, data = row
        card, note, deck, number, kind, queue, due, interval, factor, reps, lapses, left, home_due, home, flags = (
            int(value) for value in numbers
        )
        if home and home_due:
            due = home_due
        name = decks.get(home or deck, "Default")
        state = (kind, queue, due, interval, factor, reps, lapses, left)
        found.append(CardRow(card, note, name, number, *state, flags & 7, _text(data)))
    return found


def _fields(values: object) -> tuple[str, ...]:
    return tuple(_text(values).split(FIELD_MARK))


def _text(value: object) -> str:
    """A value as text: SQLite keeps what looks like a number as one."""
    return value.decode("utf-8", "replace").replace("\0", "") if isinstance(value, bytes) else str(value)


def _offset(conf: dict[str, Any]) -> int | None:
    offset = conf.get("creationOffset")
    return int(offset) if offset is not None else None


def _notetypes(models: dict[str, Any]) -> dict[int, Notetype]:
    found = {}
    for key, model in models.items():
        found[int(key)] = Notetype(
            int(key),
            str(model["name"]),
            int(model.get("type", 0)) == CLOZE,
            tuple(str(one["name"]) for one in sorted(model["flds"], key=lambda one: int(one.get("ord", 0)))),
            tuple(
                Template(str(one["name"]), str(one["qfmt"]), str(one["afmt"]))
                for one in sorted(model["tmpls"], key=lambda one: int(one.get("ord", 0)))
            ),
            str(model.get("css", "")),
        )
    return found


def _decks(decks: dict[str, Any]) -> dict[int, str]:
    return {int(key): str(deck["name"]) for key, deck in decks.items()}


def _new_offset(connection: sqlite3.Connection) -> int | None:
    row = connection.execute("select val from config where KEY = 'creationOffset'").fetchone()
    return int(json.loads(_text(row[0]))) if row else None


def _new_notetypes(connection: sqlite3.Connection) -> dict[int, Notetype]:
    names: dict[int, list[str]] = {}
    for notetype, name in connection.execute("select ntid, name from fields order by ntid, ord"):
        names.setdefault(int(notetype), []).append(_text(name))
    templates: dict[int, list[Template]] = {}
    for notetype, name, config in connection.execute("select ntid, name, config from templates order by ntid, ord"):
        made = Template(_text(name), protobuf.text(config, 1), protobuf.text(config, 2))
        templates.setdefault(int(notetype), []).append(made)
    return {
        int(key): Notetype(
            int(key),
            _text(name),
            protobuf.number(config, 1) == CLOZE,
            tuple(names.get(int(key), ())),
            tuple(templates.get(int(key), ())),
            protobuf.text(config, 3),
        )
        for key, name, config in connection.execute("select id, name, config from notetypes")
    }


def _new_decks(connection: sqlite3.Connection) -> dict[int, str]:
    rows = connection.execute("select id, name from decks")
    return {int(key): _text(name).replace(DECK_MARK, "::") for key, name in rows}
