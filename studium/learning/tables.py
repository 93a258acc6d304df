"""Cards as a table: CSV, TSV, Quizlet's and Anki's plain text, read and written. Pure.

A table may name its columns in a first row; without one the first column is the front and the second the back.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from typing import Literal

from studium.analytics.exports import harmless
from studium.content.readers.encoding import decode
from studium.learning.card_file_errors import CardFileError
from studium.learning.faces import filled, numbers
from studium.wire.cards import LONGEST_SIDE, MOST_TAGS

MOST_ROWS = 20_000
SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
GUESSED = "\t;,|"
NAMES = {
    "front": {"front", "term", "question", "prompt", "word"},
    "back": {"back", "definition", "answer", "response", "meaning"},
    "tags": {"tags", "tag"},
    "deck": {"deck"},
}
COLUMNS = ("front", "back", "tags", "deck")
DIRECTIVE = re.compile(r"#([a-z ]+):(.*)")
QUOTED_FORMULA = re.compile(r"^'(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")
GAP_MARKS = re.compile("[\ue000-\ue002]")
BREAKS = re.compile(r"\s*\n\s*")
EMPTY = "The file is empty."
NO_TEXT = "This is no text file. Cards come as .apkg, .csv, .tsv or .txt."
LONGEST_TAG, LONGEST_DECK = 100, 200
csv.field_size_limit(LONGEST_SIDE * 10)


@dataclass(frozen=True)
class TableCard:
    """A row that is a card, or a cloze with its gaps: a card for each of their numbers."""

    front: str
    back: str
    tags: tuple[str, ...] = ()
    deck: str | None = None


@dataclass
class Table:
    """What a file says, and in sentences which of its rows say nothing."""

    cards: list[TableCard] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    is_html: bool = False


def read_table(data: bytes) -> Table:
    """The cards of a file.

    Raises:
        CardFileError: it is no table of two columns or more.
    """
    directives, text = _directives(_text(data))
    if not text.strip():
        raise CardFileError(EMPTY)
    separator = SEPARATORS.get(directives.get("separator", "").lower()) or directives.get("separator") or _guess(text)
    if len(separator) != 1 or separator in '\r\n"':
        raise CardFileError("The file says that its columns are kept apart by something that cannot do that.")
    table = Table(is_html=directives.get("html", "").lower() == "true")
    try:
        rows = list(islice(csv.reader(StringIO(text, newline=""), delimiter=separator), MOST_ROWS + 2))
    except csv.Error as error:
        raise CardFileError(f"The table cannot be read: {error}.") from error
    if len(rows) > MOST_ROWS + 1:
        raise CardFileError(f"The file has more than {MOST_ROWS:,} rows; split it.")
    columns, first = _columns(rows, directives)
    for number, row in enumerate(rows[first:], start=first + 1):
        _add(table, columns, row, number)
    if not table.cards:
        raise CardFileError(
            "No row of the file has a front and a back. A table of cards has the front in its first column and the "
            "back in its second, kept apart by tabs, commas or semicolons."
        )
    return table


def write_table(cards: Iterable[TableCard], kind: Literal["csv", "tsv", "quizlet"]) -> str:
    """Cards as a table; Quizlet's has neither a first row nor more than two columns, nor breaks within a cell."""
    out = StringIO(newline="")
    if kind == "quizlet":
        for card in cards:
            for sides in _without_gaps(card):
                out.write("\t".join(BREAKS.sub(" ", side).replace("\t", " ").strip() for side in sides) + "\n")
        return out.getvalue()
    writer = csv.writer(out, delimiter="\t" if kind == "tsv" else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for card in cards:
        row = (card.front, card.back, " ".join(card.tags), card.deck or "")
        writer.writerow([harmless(cell) for cell in row])
    return out.getvalue()


def _text(data: bytes) -> str:
    try:
        return decode(data).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    except ValueError as error:
        raise CardFileError(NO_TEXT) from error


def _without_gaps(card: TableCard) -> list[tuple[str, str]]:
    """The pairs a cloze comes to where nobody knows of gaps."""
    gaps = numbers(card.front)
    if not gaps:
        return [(card.front, card.back)]
    asked, told = ([GAP_MARKS.sub("", filled(card.front, gap, shown=shown)) for gap in gaps] for shown in (False, True))
    return [(one, f"{other} {card.back}".strip()) for one, other in zip(asked, told, strict=True)]


def _directives(text: str) -> tuple[dict[str, str], str]:
    """Lines in which Anki's plain text says how it is written, and the rest."""
    said: dict[str, str] = {}
    while (line := text[: (text.find("\n") + 1) or len(text)]).startswith("#"):
        found = DIRECTIVE.fullmatch(line.strip())
        if found is None:
            break
        said[found[1].strip()] = found[2].strip()
        text = text[len(line) :]
    return said, text


def _guess(text: str) -> str:
    """What stands in the most of the first lines; where nothing does, the file has one column."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:50]
    return max(GUESSED, key=lambda mark: (sum(mark in line for line in lines), mark == "\t"))


def _columns(rows: Sequence[Sequence[str]], directives: dict[str, str]) -> tuple[dict[str, int], int]:
    """Where each column is, and where the cards begin."""
    names = [cell.strip().casefold() for cell in rows[0]] if rows else []
    named = {
        column: next((place for place, name in enumerate(names) if name in known), -1)
        for column, known in NAMES.items()
    }
    if named["front"] >= 0 and named["back"] >= 0:
        return named, 1
    told = {column: _place(directives.get(f"{column} column")) for column in ("tags", "deck")}
    others = {_place(value) for name, value in directives.items() if name.endswith(" column")}
    front, back = [place for place in range(len(others) + 2) if place not in others][:2]
    if not others:  # a third column without a name is taken for tags: so Quizlet's and most others have it
        told["tags"] = 2 if names and all(len(row) == len(COLUMNS) - 1 for row in rows if row) else -1
    return {"front": front, "back": back, **told}, 0


def _place(number: str | None) -> int:
    return int(number) - 1 if number and number.isascii() and number.isdigit() and 0 < int(number) < 100 else -1  # noqa: PLR2004 - columns


def _add(table: Table, columns: dict[str, int], row: Sequence[str], number: int) -> None:
    cells = {
        name: QUOTED_FORMULA.sub("", row[place].strip(), count=1) if 0 <= place < len(row) else ""
        for name, place in columns.items()
    }
    front, back = cells["front"], cells["back"]
    if not any(cells.values()):
        return
    if not front or not (back or numbers(front)):
        table.left_out.append(f"Row {number} has no {'front' if not front else 'back'}.")
    elif max(len(front), len(back)) > LONGEST_SIDE:
        table.left_out.append(f"Row {number} is longer than {LONGEST_SIDE:,} characters.")
    else:
        tags = tuple(dict.fromkeys(tag[:LONGEST_TAG] for tag in re.split(r"[\s,;]+", cells["tags"]) if tag))[:MOST_TAGS]
        table.cards.append(TableCard(front, back, tags, cells["deck"][:LONGEST_DECK] or None))
