"""Lines of a PDF to headings, paragraphs and items: joined, unhyphenated, without running heads. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby, pairwise
from statistics import median

from studium.content.readers.clean import clean_line
from studium.content.readers.pdf_lines import Line
from studium.content.records import Element

LARGER = 1.12
"""A heading's size over the body's."""
LARGE = 1.3
"""Page numbers may be set a little larger than the body; not so much."""
LONGEST_HEADING, MOST_LINES = 160, 3
EDGE = 0.08
"""Of the height that is written on: where running heads stand."""
_BULLETS = r"\u2022\u2023\u25aa\u25cf\u25e6\u2043\u2219\u25a0*·"
_ITEM = re.compile(rf"^(?:[{_BULLETS}\u2013\u2014-]|\(?(?:\d{{1,2}}|[a-z])[.)])\s+\S")
_BULLET = re.compile(rf"^[{_BULLETS}]\s+")
_HYPHENS = ("-", "\u00ad", "\u2010", "\ufffe", "\x02")
_ENDS = (".", "!", "?", ":", ";", "。")
_DIGITS = re.compile(r"\d+")

Page = list[Line]


def body_size(pages: Iterable[Page]) -> float:
    """The size most characters are set in."""
    counts: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        counts[round(line.size, 1)] += len(line.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def drop_running_heads(pages: list[Page], body: float) -> list[Page]:
    """Pages without the lines that most of them repeat at their upper or lower edge (numbers may differ)."""
    lines = [line for page in pages for line in page]
    top, bottom = max((line.top for line in lines), default=0.0), min((line.bottom for line in lines), default=0.0)
    margin = EDGE * (top - bottom)

    def is_edge(line: Line) -> bool:
        return line.top > top - margin or line.bottom < bottom + margin

    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_pattern(line, body) for line in page if is_edge(line)})
    threshold = max(3, len([page for page in pages if page]) // 2)
    running = {pattern for pattern, count in seen.items() if count >= threshold}
    return [[line for line in page if not (is_edge(line) and _pattern(line, body) in running)] for page in pages]


def _pattern(line: Line, body: float) -> str:
    text = clean_line(line.text).lower()
    # "Chapter 1", "Chapter 2" set as headings are no running head
    return text if line.size > body * LARGE else _DIGITS.sub("#", text)


def heading_sizes(pages: Iterable[Page], body: float) -> list[float]:
    """Sizes headings are set in, largest first: the place is the level."""
    sizes = {round(line.size) for page in pages for line in page if line.size > body * LARGER}
    return sorted(sizes, reverse=True)


def elements_of(page: Page, number: int, body: float, sizes: list[float]) -> list[Element]:
    """The page's elements, in the order of its lines."""
    pitch = _pitch(page)
    paragraphs: list[list[Line]] = []
    for line in page:
        if paragraphs and _continues(paragraphs[-1], line, pitch, page):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    found = (_element(lines, number, body, sizes) for lines in paragraphs)
    return [element for element in found if element.text]


def _pitch(page: Page) -> float:
    steps = [a.top - b.top for a, b in pairwise(page) if 0.3 * a.size < a.top - b.top < 3 * a.size]
    return median(steps) if steps else 0.0


def _continues(paragraph: list[Line], line: Line, pitch: float, page: Page) -> bool:
    """Whether `line` belongs to the paragraph above it."""
    last = paragraph[-1]
    step = last.top - line.top
    if abs(step) < 0.3 * line.size:
        return True  # beside it: cells of a row, pieces of a line
    if _ITEM.match(line.text) or abs(line.size - last.size) > 0.08 * last.size or line.bold != last.bold:
        return False
    if step < 0:  # the next column
        return not last.text.endswith(_ENDS) and line.text[:1].islower()
    if step > 1.35 * pitch:
        return False
    indent = line.left - last.left
    if indent > 4 * line.size or (last.text.endswith(_ENDS) and indent > 0.8 * line.size and len(paragraph) > 1):
        return False
    return line.text[:1].islower() or not _had_room(last, line, page)


def _had_room(last: Line, line: Line, page: Page) -> bool:
    """Whether the first word of `line` would have fitted behind `last`: then it was broken on purpose."""
    column = sorted(other.right for other in page if abs(other.left - last.left) < 3 * last.size)
    right = column[int(0.9 * (len(column) - 1))]
    word = len(line.text.split(maxsplit=1)[0]) + 1
    return right - last.right > word * (line.right - line.left) / len(line.text)


def _element(lines: list[Line], number: int, body: float, sizes: list[float]) -> Element:
    text = clean_line(join(lines))
    size, bold = max(line.size for line in lines), all(line.bold for line in lines)
    is_heading = len(text) <= LONGEST_HEADING and any(character.isalpha() for character in text)
    if is_heading and size > body * LARGER:
        return Element("title", text, sizes.index(round(size)) if round(size) in sizes else len(sizes), number)
    if is_heading and bold and len(lines) == 1 and not text.endswith(_ENDS) and not _BULLET.match(text):
        return Element("title", text, max(len(sizes), 1), number)
    if _ITEM.match(text):
        return Element("list_item", _BULLET.sub("", text), page=number)
    return Element("text", text, page=number)


def join(lines: list[Line]) -> str:
    """One text of a paragraph's lines; a word broken at a line's end is whole again."""
    text = ""
    for line in lines:
        piece = line.text
        if text.endswith(_HYPHENS) and piece[:1].islower() and text[-2:-1].isalpha():
            text = text[:-1] + piece
        else:
            text = f"{text} {piece}" if text else piece
    return text


def merge_titles(elements: list[Element]) -> list[Element]:
    """Headings set over several lines are one heading."""
    merged: list[Element] = []
    for (kind, level, page), group in groupby(elements, key=lambda e: (e.kind, e.level, e.page)):
        found = list(group)
        text = " ".join(element.text for element in found)
        if kind == "title" and 1 < len(found) <= MOST_LINES and len(text) <= LONGEST_HEADING:
            merged.append(Element("title", text, level, page))
        else:
            merged.extend(found)
    return merged
