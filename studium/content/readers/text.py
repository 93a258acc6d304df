"""Plain text and CSV. Whether a short line is a heading is for `unstructured` to say."""

import csv
import io
import re
from itertools import zip_longest

from studium.content.readers.clean import clean, clean_line
from studium.content.readers.detect import MEDIA_TYPES, Family
from studium.content.readers.table import label_rows
from studium.content.records import Element, Parsed, Reason, UnreadableError

SHORT = 120
"""Longer paragraphs are text, whatever they look like; the tagger (5,000 tokens a second) need not see them."""
LONGEST_CELL = 100_000
_PARAGRAPHS = re.compile(r"\n\n+")
_UNDERLINED = re.compile(r"^([^\n]{1,120}\n)?[=~_*#-]{3,}$", re.MULTILINE)
_HEADING = "\x00"
"""Marks a heading between two steps; clean text holds none."""
_STARTS_ITEM = re.compile(r"^(?:[\u2022\u25cf\u25e6*+-]|\d{1,3}[.)]|[a-z][.)])\s+\S")


def read_text(text: str) -> Parsed:
    """Paragraphs between empty lines; a file without any has a paragraph on each line."""
    text = _UNDERLINED.sub(_marked, clean(text))
    if "\n\n" in text:
        paragraphs = [piece for block in _PARAGRAPHS.split(text) for piece in _unwrapped(block)]
    else:
        paragraphs = text.split("\n")
    elements = [_element(paragraph) for paragraph in paragraphs if paragraph]
    return Parsed(MEDIA_TYPES[Family.TEXT], _without_false_titles(elements))


def _marked(match: re.Match[str]) -> str:
    """An underlined line as a paragraph of its own, marked; a ruler goes."""
    line = (match[1] or "").strip()
    return f"\n\n{_HEADING}{line}\n\n" if any(map(str.isalnum, line)) else "\n\n"


def _unwrapped(block: str) -> list[str]:
    """A block's lines as paragraphs: wrapped lines joined, items of a list kept apart."""
    pieces: list[str] = []
    for line in block.split("\n"):
        if pieces and not _STARTS_ITEM.match(line):
            pieces[-1] = f"{pieces[-1]} {line}"
        else:
            pieces.append(line)
    return pieces


def _element(paragraph: str) -> Element:
    from unstructured.partition.text import element_from_text

    if paragraph.startswith(_HEADING):
        return Element("title", paragraph.removeprefix(_HEADING), level=0)
    if len(paragraph) > SHORT:
        return Element("text", paragraph)
    found = element_from_text(paragraph)
    if found.category == "Title" and not paragraph.endswith((".", ",", ";")):
        return Element("title", paragraph, level=1)
    return Element("list_item" if found.category == "ListItem" else "text", paragraph)


def _without_false_titles(elements: list[Element]) -> list[Element]:
    """A heading has text below it: of short lines in a row, none is one."""
    kept: list[Element] = []
    for element, following in zip_longest(elements, elements[1:]):
        if element.kind == "title" and element.level == 0:  # underlined: no guess
            kept.append(element)
            continue
        is_heading = element.kind == "title" and following is not None and following.kind != "title"
        is_listed = bool(kept) and kept[-1].kind == "text" and len(kept[-1].text) < SHORT and element.kind == "title"
        kept.append(element if is_heading or element.kind != "title" else Element("text", element.text))
        if is_heading and is_listed and following is not None and len(following.text) < SHORT:
            kept[-1] = Element("text", element.text)
    return kept


def read_csv(text: str) -> Parsed:
    """A row a line, each cell under its column's name."""
    csv.field_size_limit(LONGEST_CELL)
    source = io.StringIO(text.replace("\x00", ""), newline="")
    try:
        rows = [[clean_line(cell) for cell in row] for row in csv.reader(source, delimiter=_delimiter(text[:20_000]))]
    except csv.Error as error:
        raise UnreadableError(Reason.BROKEN, f"The table cannot be read: {error}.") from error
    return Parsed(MEDIA_TYPES[Family.CSV], [Element("row", row) for row in label_rows(rows)])


def _delimiter(head: str) -> str:
    """The one that cuts the first lines into most cells, evenly."""
    lines = [line for line in head.splitlines()[:50] if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max(",;\t|", key=evenness)
