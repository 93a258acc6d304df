"""Reads GIFT, Moodle's format for questions as plain text, as Moodle reads it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from studium.learning.questions.files import Reading, Trouble, as_html, decoded, name_of
from studium.learning.questions.records import (
    ANYTHING,
    Answer,
    BadQuestionError,
    Pair,
    QType,
    QuestionRecord,
    as_number,
    true_false,
)

ESCAPED = "\\:#={}~"
"""Characters that say something in GIFT unless a backslash stands before them; `\\n` is a new line."""
_HIDDEN = {character: chr(0xFDD0 + place) for place, character in enumerate(ESCAPED)} | {"n": "\ufdef"}
_SHOWN = str.maketrans({hidden: "\n" if name == "n" else name for name, hidden in _HIDDEN.items()})
_ESCAPE = re.compile(r"\\([\\:#={}~n])")
MARKUP = re.compile(r"\[(html|moodle|plain|markdown)\]")
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d*)?)%")
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_MARKED = re.compile(r"\[(id|tag):((?:\\\]|[^\]])*)\]")
_TOP = re.compile(r"^\$[a-z]+\$/(?:top(?:/|$))?")
BLANK = "_____"


class _Block(NamedTuple):
    line: int
    text: str
    marks: list[tuple[str, str]]


class _Source(NamedTuple):
    """A question taken apart."""

    name: str
    text: str
    markup: str
    inside: str | None
    """Between the braces; None without any."""
    general: str


def read_gift(data: bytes) -> Reading:
    """The questions of a file; each that cannot be read is left out with its line and the reason.

    Raises:
        UnreadableFileError: the file is too large or not text.
    """
    reading, category = Reading(), None
    for block in _blocks(decoded(data)):
        if block.text.startswith("$CATEGORY:"):
            category = _TOP.sub("", block.text.removeprefix("$CATEGORY:").strip()) or None
            continue
        name, text = _named(_ESCAPE.sub(lambda found: _HIDDEN[found[1]], block.text))
        try:
            source = _taken_apart(name, text)
            record = replace(
                _record(source), category=category,
                idnumber=next((value for kind, value in block.marks if kind == "id"), None),
                tags=tuple(value for kind, value in block.marks if kind == "tag"),
            )  # fmt: skip
            reading.add(record, block.line)
        except BadQuestionError as error:
            reading.refuse(Trouble(name or name_of(_shown(text)), str(error), block.line))
    return reading


def _blocks(text: str) -> Iterator[_Block]:
    """Stretches between empty lines, without comments; a category stands for itself."""
    lines: list[str] = []
    marks: list[tuple[str, str]] = []
    first = 1
    for number, line in enumerate([*text.split("\n"), ""], 1):
        bare = line.strip()
        if bare.startswith("//"):
            marks += [(found[1], found[2].replace("\\]", "]").strip()) for found in _MARKED.finditer(bare)]
        elif bare and not bare.startswith("$CATEGORY:"):
            first = first if lines else number
            lines.append(line)
        else:
            if lines:
                yield _Block(first, "\n".join(lines).strip(), marks)
                lines, marks = [], []
            if bare:
                yield _Block(number, bare, [])


def _named(text: str) -> tuple[str, str]:
    if not text.startswith("::"):
        return "", text
    name, closed, rest = text[2:].partition("::")
    return (_shown(name), rest.strip()) if closed else ("", text[2:])


def _taken_apart(name: str, text: str) -> _Source:
    start, end = text.find("{"), text.find("}")
    if (start < 0) != (end < 0) or end < start:
        raise BadQuestionError("A brace is missing: the answers stand between { and }.")
    if start < 0:
        inside, general = None, ""
    else:
        if set(text[end + 1 :]) & {"{", "}"} or "{" in text[start + 1 : end]:
            raise BadQuestionError("There is more than one pair of braces. An empty line divides questions.")
        inside, _, general = text[start + 1 : end].strip().partition("####")
        tail = text[end + 1 :]
        text = text[:start] + (f"{BLANK}{tail}" if tail else "")
    text, markup = _marked(text, "moodle")
    return _Source(name or name_of(text), text, markup, None if inside is None else inside.strip(), general.strip())


def _record(source: _Source) -> QuestionRecord:
    qtype, inside = _kind(source.inside), source.inside or ""
    blank = QuestionRecord(qtype, source.name, source.text, general_feedback=_html(source.general, source))
    if qtype == "match":
        return replace(blank, pairs=tuple(_pairs(inside, source)))
    readers = {"numerical": _numbers, "multichoice": _choices, "truefalse": _truth, "shortanswer": _typed}
    if reader := readers.get(qtype):
        blank = replace(blank, answers=tuple(reader(inside, source)))
    return replace(blank, single="=" in inside) if qtype == "multichoice" else blank


def _kind(inside: str | None) -> QType:
    """What Moodle takes it for, in Moodle's order."""
    if inside is None:
        return "description"
    if not inside or inside.startswith("#"):
        return "numerical" if inside else "essay"
    if "~" in inside:
        return "multichoice"
    if "=" in inside and "->" in inside:
        return "match"
    return "truefalse" if inside.partition("#")[0].strip() in _TRUTH else "shortanswer"


def _truth(inside: str, source: _Source) -> Iterator[Answer]:
    word, _, said = inside.partition("#")
    wrong, _, right = said.partition("#")
    is_true = _TRUTH[word.strip()]
    when_true, when_false = (right, wrong) if is_true else (wrong, right)
    yield from true_false(is_true, when_true=_html(when_true, source), when_false=_html(when_false, source))


def _choices(inside: str, source: _Source) -> Iterator[Answer]:
    for part in filter(str.strip, inside.replace("=", "~=").split("~")):
        is_right = part.strip().startswith("=")
        fraction, rest = _weighed(part.strip().removeprefix("="), 1.0 if is_right else 0.0)
        text, _, feedback = rest.partition("#")
        yield Answer(_html(text, source), fraction, _html(feedback, source))


def _typed(inside: str, source: _Source) -> Iterator[Answer]:
    for part in filter(str.strip, inside.split("=")):
        fraction, rest = _weighed(part, 1.0)
        text, _, feedback = rest.partition("#")
        yield Answer(_shown(_marked_raw(text)[0]), fraction, _html(feedback, source))


def _numbers(inside: str, source: _Source) -> Iterator[Answer]:
    inside, tilde, wrong = inside.removeprefix("#").partition("~")
    for part in filter(str.strip, inside.split("=")):
        fraction, rest = _weighed(part, 1.0)
        text, _, feedback = rest.partition("#")
        number, tolerance = _span(_shown(text))
        yield Answer(number, fraction, _html(feedback, source), tolerance)
    if tilde:
        yield Answer(ANYTHING, 0.0, _html(wrong.strip().removeprefix("#"), source))


def _span(text: str) -> tuple[str, float | None]:
    """A number and how far off is still right: `5`, `5:0.1` or `4.9..5.1`."""
    low, dots, high = text.partition("..")
    if dots:
        bottom, top = as_number(low), as_number(high)
        if bottom is None or top is None or bottom > top:
            raise BadQuestionError(f"\u201c{text}\u201d is no span of numbers, smaller..larger.")
        return f"{(bottom + top) / 2:.12g}", float(f"{(top - bottom) / 2:.12g}")
    number, colon, off = text.partition(":")
    tolerance = as_number(off) if colon else None
    if colon and tolerance is None:
        raise BadQuestionError(f"\u201c{off}\u201d is no tolerance: a number comes after the colon.")
    return number.strip(), tolerance


def _pairs(inside: str, source: _Source) -> Iterator[Pair]:
    for part in filter(str.strip, inside.split("=")):
        prompt, arrow, answer = part.partition("->")
        if not arrow:
            raise BadQuestionError("Every pair of a matching question has an arrow: =left -> right.")
        yield Pair(_html(prompt, source), _shown(answer))


def _weighed(text: str, otherwise: float) -> tuple[float, str]:
    text = text.strip()
    found = _WEIGHT.match(text)
    return (round(float(found[1]) / 100, 7), text[found.end() :]) if found else (otherwise, text)


def _marked_raw(text: str) -> tuple[str, str | None]:
    text = text.strip()
    found = MARKUP.match(text)
    return (text[found.end() :], found[1]) if found else (text, None)


def _marked(text: str, otherwise: str) -> tuple[str, str]:
    raw, markup = _marked_raw(text)
    return as_html(_shown(raw), markup or otherwise), markup or otherwise


def _html(text: str, source: _Source) -> str:
    return _marked(text, source.markup)[0]


def _shown(text: str) -> str:
    return text.translate(_SHOWN).strip()
