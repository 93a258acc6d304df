"""Reads Moodle's XML of questions. No document type, no entity, nothing from elsewhere; pictures as they lie in it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

from lxml import etree
from lxml.etree import _Element as Element

from studium.learning.questions.files import Reading, Trouble, UnreadableFileError, as_html, as_plain, decoded, name_of
from studium.learning.questions.records import (
    FALSE,
    TRUE,
    Answer,
    BadQuestionError,
    Pair,
    Picture,
    QType,
    QuestionRecord,
    as_number,
)

TYPES: dict[str, QType] = {
    "multichoice": "multichoice", "truefalse": "truefalse", "shortanswer": "shortanswer", "numerical": "numerical",
    "matching": "match", "match": "match", "essay": "essay", "description": "description",
}  # fmt: skip
MARKUPS = {"html": "html", "markdown": "markdown", "plain_text": "plain", "plain": "plain"}
MOST_PICTURES = 50
MOST_PICTURE_BYTES = 1_500_000
"""Of all pictures of a question, as they are written."""
_TOP = re.compile(r"^\$[a-z]+\$/(?:top(?:/|$))?")
_DECLARED = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HEADER = re.compile(r"^\s*<\?xml[^>]*\?>")


def read_moodle_xml(data: bytes) -> Reading:
    """The questions of a file; each that cannot be read is left out with its line and the reason.

    Raises:
        UnreadableFileError: the file is too large, no XML, unsafe, or holds no questions.
    """
    reading, category = Reading(), None
    for element in _root(decoded(data)).iterfind("question"):
        kind = element.get("type", "")
        if kind == "category":
            category = _TOP.sub("", _text(element, "category")) or None
            continue
        name = _text(element, "name") or name_of(_html(element, "questiontext"))
        try:
            reading.add(replace(_record(element, kind, name), category=category), element.sourceline)
        except BadQuestionError as error:
            reading.refuse(Trouble(name, str(error), element.sourceline))
    return reading


def _root(text: str) -> Element:
    if _DECLARED.search(text):  # every attack by entities needs one, and Moodle writes none
        raise UnreadableFileError("The file declares a document type or entities, which Moodle's XML never does.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
                             remove_pis=True, encoding="utf-8")  # fmt: skip
    try:
        root = etree.fromstring(_HEADER.sub("", text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(f"The file is not well-formed XML: {error.msg}") from error
    if root.tag != "quiz":
        raise UnreadableFileError("This is not Moodle's XML of questions: its outermost element is not <quiz>.")
    return root


def _record(element: Element, kind: str, name: str) -> QuestionRecord:
    if kind not in TYPES:
        raise BadQuestionError(f"Questions of the type \u201c{kind}\u201d are not known here.")
    if element.findtext("hidden") == "1":
        raise BadQuestionError("The question is hidden in the bank it comes from.")
    qtype = TYPES[kind]
    pictures = tuple(_pictures(element))
    if sum(len(one.data) for one in pictures) > MOST_PICTURE_BYTES:
        raise BadQuestionError(f"Its pictures are larger than {MOST_PICTURE_BYTES // 1_000_000} MB together.")
    blank = QuestionRecord(
        qtype=qtype,
        name=name,
        text=_html(element, "questiontext"),
        general_feedback=_html(element, "generalfeedback"),
        tags=tuple(_said(tag) for tag in element.iterfind("tags/tag") if _said(tag)),
        shuffle=_switch(element, "shuffleanswers", otherwise=True),
        default_mark=_number(element, "defaultgrade", 1.0) or 0.0,
        penalty=_number(element, "penalty", None),
        hints=tuple(hint for one in element.iterfind("hint") if (hint := _as_html(one))),
        correct_feedback=_html(element, "correctfeedback"),
        partly_feedback=_html(element, "partiallycorrectfeedback"),
        incorrect_feedback=_html(element, "incorrectfeedback"),
        idnumber=(element.findtext("idnumber") or "").strip() or None,
        pictures=pictures,
    )
    return _OWN[qtype](element, blank)


def _choice(element: Element, blank: QuestionRecord) -> QuestionRecord:
    return replace(
        blank,
        answers=tuple(_answers(element, typed=False)),
        single=_switch(element, "single", otherwise=True),
        numbering=(element.findtext("answernumbering") or "abc").strip(),
    )


def _truth(element: Element, blank: QuestionRecord) -> QuestionRecord:
    found = {one.text.strip().casefold(): one for one in _answers(element, typed=True)}
    if set(found) != {"true", "false"}:
        raise BadQuestionError("A true/false question has the two answers \u201ctrue\u201d and \u201cfalse\u201d.")
    return replace(blank, answers=(replace(found["true"], text=TRUE), replace(found["false"], text=FALSE)))


def _short(element: Element, blank: QuestionRecord) -> QuestionRecord:
    is_strict = _switch(element, "usecase", otherwise=False)
    return replace(blank, answers=tuple(_answers(element, typed=True)), case_sensitive=is_strict)


def _numerical(element: Element, blank: QuestionRecord) -> QuestionRecord:
    units = tuple(
        (unit.findtext("unit_name") or "", as_number(unit.findtext("multiplier") or "") or 1.0)
        for unit in element.iterfind("units/unit")
    )
    return replace(blank, answers=tuple(_answers(element, typed=True)), units=units)


def _match(element: Element, blank: QuestionRecord) -> QuestionRecord:
    pairs = tuple(Pair(_as_html(one), _text(one, "answer")) for one in element.iterfind("subquestion"))
    return replace(blank, pairs=pairs)


def _plain(_element: Element, blank: QuestionRecord) -> QuestionRecord:
    return blank


_OWN: dict[QType, Callable[[Element, QuestionRecord], QuestionRecord]] = {
    "multichoice": _choice, "truefalse": _truth, "shortanswer": _short, "numerical": _numerical, "match": _match,
    "essay": _plain, "description": _plain,
}  # fmt: skip


def _answers(element: Element, *, typed: bool) -> Iterator[Answer]:
    for one in element.iterfind("answer"):
        percent = as_number(one.get("fraction", "0"))
        if percent is None:
            raise BadQuestionError("An answer's share of the mark is no number.")
        text = _said(one) if typed else _as_html(one)
        off = one.findtext("tolerance")
        tolerance = None if off is None else as_number(off) if off.strip() else 0.0
        if off is not None and tolerance is None:
            raise BadQuestionError("A tolerance is no number.")
        yield Answer(text, round(percent / 100, 7), _html(one, "feedback"), tolerance)


def _pictures(element: Element) -> Iterator[Picture]:
    files = list(element.iter("file"))
    if len(files) > MOST_PICTURES:
        raise BadQuestionError(f"It has more than {MOST_PICTURES} pictures.")
    for one in files:
        if one.get("encoding", "base64") != "base64":
            raise BadQuestionError("A picture is not written in Base64.")
        data = re.sub(r"\s", "", one.text or "")
        yield Picture(one.get("name", ""), data, one.get("path", "/"), _place(element, cast(Element, one.getparent())))


def _place(question: Element, holder: Element) -> str:
    """The way from the question to one of its texts: `answer/2/feedback/0`, counted from 0 among those of the name."""
    parts: list[str] = []
    while holder is not question:
        parent = cast(Element, holder.getparent())
        name = cast(str, holder.tag)
        parts.insert(0, f"{name}/{parent.findall(name).index(holder)}")
        holder = parent
    return "/".join(parts)


def _html(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else _as_html(found)


def _as_html(element: Element) -> str:
    return as_html(_said(element), MARKUPS.get(element.get("format", "html"), "moodle"))


def _text(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else as_plain(_said(found)) if name == "name" else _said(found)


def _said(element: Element) -> str:
    """What stands in an element's `<text>`, or in old files in itself."""
    found = element.find("text")
    return ((element.text if found is None else found.text) or "").strip()


def _switch(element: Element, name: str, *, otherwise: bool) -> bool:
    said = (element.findtext(name) or "").strip().casefold()
    return said in ("1", "true") if said else otherwise


def _number(element: Element, name: str, otherwise: float | None) -> float | None:
    said = element.findtext(name)
    found = None if said is None else as_number(said)
    return otherwise if found is None else found
