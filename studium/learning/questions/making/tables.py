"""Questions about tables and labelled lists: what belongs to a row, which row has it, and rows put to values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from studium.learning.making.language import WORD, parsed
from studium.learning.making.material import Row, Source
from studium.learning.questions.making.alike import capital, is_inside, parts, tells
from studium.learning.questions.making.made import Difficulty, Made, Maker, choice, cited, matching
from studium.learning.questions.records import QuestionRecord

WRONG = 3
PAIRS = (3, 6)
MOST_WORDS = 9
_NOT_ASKED = frozenset(
    word
    for line in (
        "reason reasons note notes remark remarks comment comments example examples source sources reference",
        "references page pages date time week day no number id nr name link url file mark marks points result results",
    )
    for word in line.split()
)
_UNREADABLE = re.compile(r"[\\$_=?{}|<>]|https?:")
_SEVERAL = re.compile(r"[,;/+]|\band\b|\bor\b|\bto\b")
_REMARK = re.compile(r"[()\[\]]")
LABELLED = 0.7
"""Of the lines of a list that has labels."""
_LABELLED = re.compile(r"([^:;.]{2,40}): ([^:]{2,120})")
_GIVEN = "<p>Which {head} does the course give for {of}?</p>"
_UNDER = "<p>In the course\u2019s table, what stands under \u201c{head}\u201d for {of}?</p>"
_WHO = "<p>For which {key} does the course give \u201c{value}\u201d as {head}?</p>"
_LABEL = "<p>{context}: which of these does the course give for \u201c{label}\u201d?</p>"
_MATCH = "<p>Put each {key} to the {head} the course gives for it.</p>"
_MATCH_LABELS = "<p>{context}: put each to what the course gives for it.</p>"


@dataclass(frozen=True)
class _Column:
    """Values that belong to names of one kind."""

    source: Source
    key: str
    """What the names are; empty in a labelled list."""
    head: str
    rows: tuple[tuple[str, str], ...]
    quotes: dict[str, str]

    def quote(self, name: str) -> str:
        return self.quotes[name]


def about_tables(source: Source) -> Iterator[Made]:
    """Questions about the tables and labelled lists of a passage."""
    if source.is_aside or source.is_entry:
        return
    for column in [*_of_tables(source), *_of_labels(source)]:
        if _is_clear(column):
            yield from _of_rows(column)
            yield from _match(column)


def _of_tables(source: Source) -> Iterator[_Column]:
    for table in source.tables:
        for place in range(1, len(table[0].cells)):
            head = table[0].cells[place][0]
            rows = tuple((row.cells[0][1], row.cells[place][1]) for row in table if row.cells[place][1])
            if head.casefold().split(" ")[0] not in _NOT_ASKED and not _UNREADABLE.search(head):
                yield _Column(source, table[0].cells[0][0], head, rows, {row.cells[0][1]: _line(row) for row in table})


def _line(row: Row) -> str:
    return "; ".join(f"{head}: {value}" for head, value in row.cells)


def _of_labels(source: Source) -> Iterator[_Column]:
    for lines in source.paragraphs:
        found = [(line, _LABELLED.fullmatch(line.rstrip("."))) for line in lines]
        rows = tuple((one[1].strip(), one[2].strip()) for _, one in found if one)
        if len(rows) >= max(PAIRS[0], LABELLED * len(lines)) and source.context:
            yield _Column(source, "", "", rows, {one[1].strip(): line for line, one in found if one})


def _is_clear(column: _Column) -> bool:
    """Whether each value belongs to one name, and no value is part of another: then one answer alone is right."""
    names = [parts(name) for name, _ in column.rows]
    values = [parts(value) for _, value in column.rows]
    texts = [text for row in column.rows for text in row]
    return (
        len(column.rows) >= PAIRS[0]
        and all(names) and all(values)
        and not any(_UNREADABLE.search(text) or len(WORD.findall(text)) > MOST_WORDS for text in texts)
        and not any(_clash(one[1], other[1]) for place, one in enumerate(column.rows) for other in column.rows[:place])
        and not any(one <= other or other <= one for place, one in enumerate(names) for other in names[:place])
        and sum(any(letter.isalpha() for letter in value) for _, value in column.rows) in (0, len(column.rows))
    )  # fmt: skip


def _clash(one: str, other: str) -> bool:
    """Whether what one value says is said by the other too, in part where it says several things."""
    mine, theirs = parts(one), parts(other)
    return bool(mine & theirs) if _SEVERAL.search(one) or _SEVERAL.search(other) else is_inside(mine, theirs)


def _of_rows(column: _Column) -> Iterator[Made]:
    families = {_family(name) for name, _ in column.rows}
    for name, value in column.rows:
        if _REMARK.search(value) or _REMARK.search(name):
            continue
        rest = [
            row for row in column.rows if row[0] != name and (len(families) == 1 or _family(row[0]) != _family(name))
        ]
        values = [one for _, one in rest if not _REMARK.search(one)]
        if len(values) >= WRONG and not tells(parts(name), value, values):
            text = _asked(column, name)
            yield _made(column, choice(f"{column.head or column.source.context}: {name}", text, capital(value),
                        [capital(one) for one in _chosen(values, text)], text), "table", name, "easy")  # fmt: skip
        names = [one for one, _ in rest if not _REMARK.search(one)]
        if column.key and _is_noun(column.head) and len(names) >= WRONG and not tells(parts(value), name, names):
            text = _WHO.format(key=_lower(column.key), value=escape(value, quote=False), head=_lower(column.head))
            yield _made(column, choice(f"{column.key}: {value}", text, capital(name),
                        [capital(one) for one in _chosen(names, text)], text), "table", name, "medium")  # fmt: skip


def _family(name: str) -> str:
    """A name without its number: what holds for one of them may hold for its like."""
    return re.sub(r"[\d\s]+|\b[IVX]+\b", "", name).casefold()


def _asked(column: _Column, name: str) -> str:
    if not column.key:
        return _LABEL.format(context=escape(column.source.context, quote=False), label=escape(name, quote=False))
    of = f"the {_lower(column.key)} \u201c{escape(name, quote=False)}\u201d"
    wording = _GIVEN if _is_noun(column.head) else _UNDER
    return wording.format(head=_lower(column.head) if wording is _GIVEN else escape(column.head, quote=False), of=of)


def _match(column: _Column) -> Iterator[Made]:
    if column.head and not _is_noun(column.head):
        return
    apart = [row for row in column.rows if not parts(row[0]) & parts(row[1])]
    firsts = {_family(row[0]): row for row in reversed(apart)}
    rows = (apart if len(firsts) == 1 else [row for row in apart if row in firsts.values()])[: PAIRS[1]]
    if len(rows) < PAIRS[0]:
        return
    if column.key:
        text = _MATCH.format(key=_lower(column.key), head=_lower(column.head))
    else:
        text = _MATCH_LABELS.format(context=escape(column.source.context, quote=False))
    pairs = [(capital(name), capital(value)) for name, value in rows]
    quotes = " ".join(column.quote(name) for name, _ in rows)
    name = f"Match: {column.key} and {column.head}" if column.key else f"Match: {column.source.context}"
    yield _made(column, matching(name, text, pairs), "match", rows[0][0], "medium", quotes)


def _made(
    column: _Column, record: QuestionRecord, maker: Maker, name: str, difficulty: Difficulty, quotes: str | None = None
) -> Made:
    quote = column.quote(name)
    about = parts(name) | parts(column.head) | ({"match"} if maker == "match" else set())
    worth = 0.75 if column.key else 0.6
    return Made(cited(record, quotes or quote), maker, difficulty, column.source, quote, frozenset(about), worth)


def _chosen(texts: Sequence[str], seed: str) -> list[str]:
    """So many of the others, the same ones whenever the question is made."""
    start = len(seed) % len(texts)
    return [*texts[start:], *texts[:start]][:WRONG]


def _is_noun(head: str) -> bool:
    return parsed(_lower(head))[-1].pos_ in ("NOUN", "PROPN") and not _REMARK.search(head)


def _lower(text: str) -> str:
    first = text.split(" ", maxsplit=1)[0]
    plain = text[0].lower() + text[1:] if first[1:].islower() else text
    return escape(plain, quote=False)
