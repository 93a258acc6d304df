"""Writes Moodle's XML of questions. It says all a question has."""

from collections.abc import Sequence

from lxml import etree
from lxml.etree import _Element as Element

from studium.learning.questions.files import Written, as_plain, name_of, writable
from studium.learning.questions.records import Answer, QuestionRecord

NAMES = {"match": "matching"}


def write_moodle_xml(records: Sequence[QuestionRecord]) -> Written:
    """The questions as a file that Moodle imports."""
    quiz = etree.Element("quiz")
    category: str | None = None
    for record in records:
        if record.category != category:
            category = record.category
            top = etree.SubElement(quiz, "question", type="category")
            _put(top, "category", f"$course$/top{f'/{category}' if category else ''}", markup=None)
        _question(quiz, record)
    etree.indent(quiz)
    return Written(etree.tostring(quiz, encoding="UTF-8", xml_declaration=True).decode())


def _question(quiz: Element, record: QuestionRecord) -> None:
    element = etree.SubElement(quiz, "question", type=NAMES.get(record.qtype, record.qtype))
    _put(element, "name", as_plain(record.name) or name_of(record.text), markup=None)
    _put(element, "questiontext", record.text)
    _put(element, "generalfeedback", record.general_feedback)
    _leaf(element, "defaultgrade", f"{record.default_mark:.7f}")
    if record.penalty is not None:
        _leaf(element, "penalty", f"{record.penalty:.7f}")
    _leaf(element, "hidden", "0")
    _leaf(element, "idnumber", record.idnumber or "")
    _own(element, record)
    for hint in record.hints:
        _put(element, "hint", hint)
    if record.tags:
        tags = etree.SubElement(element, "tags")
        for tag in record.tags:
            _put(tags, "tag", tag, markup=None)
    _pictures(element, record)


def _own(element: Element, record: QuestionRecord) -> None:
    if record.qtype in ("multichoice", "match"):
        _leaf(element, "shuffleanswers", "true" if record.shuffle else "false")
        _put(element, "correctfeedback", record.correct_feedback)
        _put(element, "partiallycorrectfeedback", record.partly_feedback)
        _put(element, "incorrectfeedback", record.incorrect_feedback)
    if record.qtype == "multichoice":
        _leaf(element, "single", "true" if record.single else "false")
        _leaf(element, "answernumbering", record.numbering)
    if record.qtype == "shortanswer":
        _leaf(element, "usecase", "1" if record.case_sensitive else "0")
    for answer in record.answers:
        _answer(element, record, answer)
    for pair in record.pairs:
        _put(_put(element, "subquestion", pair.prompt), "answer", pair.answer, markup=None)
    if record.units:
        units = etree.SubElement(element, "units")
        for name, multiplier in record.units:
            unit = etree.SubElement(units, "unit")
            _leaf(unit, "multiplier", f"{multiplier!r}")
            _leaf(unit, "unit_name", name)


def _answer(element: Element, record: QuestionRecord, answer: Answer) -> None:
    text = answer.text.casefold() if record.qtype == "truefalse" else answer.text
    markup = "html" if record.qtype == "multichoice" else "moodle_auto_format"
    one = _put(element, "answer", text, markup=markup)
    one.set("fraction", f"{answer.fraction * 100:.5f}".rstrip("0").rstrip("."))
    _put(one, "feedback", answer.feedback)
    if answer.tolerance is not None:
        _leaf(one, "tolerance", f"{answer.tolerance!r}")


def _pictures(element: Element, record: QuestionRecord) -> None:
    for picture in record.pictures:
        holder = _at(element, picture.place.split("/"))
        one = etree.SubElement(holder, "file", name=writable(picture.name), path=picture.path, encoding="base64")
        one.text = picture.data


def _at(element: Element, way: Sequence[str]) -> Element:
    """The text a picture hangs at; the question's, if there is none such any more."""
    holder = element
    for name, place in zip(way[::2], way[1::2], strict=False):
        found = holder.findall(name)
        if not place.isdecimal() or int(place) >= len(found):
            return element.find("questiontext")  # type: ignore[return-value]  # every question has one
        holder = found[int(place)]
    return holder


def _put(parent: Element, name: str, text: str, *, markup: str | None = "html") -> Element:
    element = etree.SubElement(parent, name)
    if markup:
        element.set("format", markup)
    _leaf(element, "text", text)
    return element


def _leaf(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = writable(text)
