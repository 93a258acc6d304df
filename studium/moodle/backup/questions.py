"""Reads the question bank: every version of every question with its answers, of any type, from Moodle 3 and 4+."""

from collections.abc import Iterator
from typing import NamedTuple

from lxml.etree import _Element as Element

from studium.moodle.backup.reading import Reading
from studium.moodle.backup.texts import Place
from studium.moodle.backup.xml import each, identity, plain, text
from studium.moodle.records.quiz import Question, QuestionAnswer

NOT_SETTINGS = {"answers", "matches", "numerical_records"}


class _Version(NamedTuple):
    entry_id: int | None
    version: str
    status: str
    question: Element


def read_questions(reading: Reading) -> None:
    """Add the questions of the bank; a backup made without it has none."""
    if not (reading.folder / "questions.xml").is_file():
        return
    for category in each(reading.folder, "questions.xml", "question_category"):
        for version in _versions(category):
            _add_question(reading, category, version)


def _versions(category: Element) -> Iterator[_Version]:
    for entry in category.iterfind("question_bank_entries/question_bank_entry"):
        for version in entry.iterfind("question_version/question_versions"):
            for question in version.iterfind("questions/question"):
                status = text(version, "status") or "ready"
                yield _Version(identity(entry), text(version, "version") or "1", status, question)
    for question in category.iterfind("questions/question"):
        yield _Version(None, "1", "hidden" if text(question, "hidden") == "1" else "ready", question)


def _add_question(reading: Reading, category: Element, found: _Version) -> None:
    question, question_id = found.question, identity(found.question)
    qtype = text(question, "qtype") or "unknown"
    context = text(category, "contextid") or ""

    def html(name: str) -> str | None:
        place = Place(int(context), "question", name, question_id) if context.isdecimal() else None
        return reading.html(question, name, place) or None

    special = next((e for e in question if e.tag == f"plugin_qtype_{qtype}_question"), None)
    reading.harvest.add(
        Question,
        question_id=question_id,
        entry_id=found.entry_id,
        version=found.version,
        category_id=identity(category),
        category=text(category, "name"),
        parent_id=text(question, "parent"),
        qtype=qtype,
        name=text(question, "name") or "",
        text=html("questiontext"),
        general_feedback=html("generalfeedback"),
        default_mark=text(question, "defaultmark"),
        penalty=text(question, "penalty"),
        status=found.status,
        settings={str(e.tag): plain(e) for e in special if e.tag not in NOT_SETTINGS} if special is not None else {},
        created_at=text(question, "timecreated"),
        modified_at=text(question, "timemodified"),
    )
    if special is not None:
        _add_answers(reading, question_id, special)


def _add_answers(reading: Reading, question_id: int, special: Element) -> None:
    tolerances = {text(r, "answer"): text(r, "tolerance") for r in special.iter("numerical_record")}
    for position, answer in enumerate(special.iterfind("answers/answer"), start=1):
        reading.harvest.add(
            QuestionAnswer,
            question_id=question_id,
            kind="answer",
            answer_id=identity(answer),
            position=position,
            text=reading.linked(text(answer, "answertext")),
            fraction=text(answer, "fraction"),
            tolerance=tolerances.get(answer.get("id")),
            feedback=reading.linked(text(answer, "feedback")),
        )
    for position, match in enumerate(special.iterfind("matches/match"), start=1):
        reading.harvest.add(
            QuestionAnswer,
            question_id=question_id,
            kind="match",
            answer_id=identity(match),
            position=position,
            prompt=reading.linked(text(match, "questiontext")),
            text=reading.linked(text(match, "answertext")),
        )
