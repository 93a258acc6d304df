"""A question as it landed from Moodle (`raw.questions` with `raw.question_answers`) as a record."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from studium.learning.questions.records import FALSE, TRUE, Answer, Pair, QType, QuestionRecord, as_number

KNOWN = ("multichoice", "truefalse", "shortanswer", "numerical", "match", "essay", "description")


def landed(question: Mapping[str, Any], answers: Iterable[Mapping[str, Any]]) -> QuestionRecord | None:
    """The record; None of a type Studium does not know.

    Args:
        question: a row of `raw.questions`: qtype, name, text, general_feedback, category, settings,
            default_mark, penalty.
        answers: its rows of `raw.question_answers`, in any order.
    """
    if question["qtype"] not in KNOWN:
        return None
    qtype = cast(QType, question["qtype"])
    rows = sorted(answers, key=lambda row: int(row["position"]))
    settings = _flat(question.get("settings"))
    found = tuple(_answer(row) for row in rows if row["kind"] == "answer")
    return QuestionRecord(
        qtype=qtype,
        name=question["name"],
        text=question["text"] or "",
        answers=_as_truth(found) if qtype == "truefalse" else found if qtype != "essay" else (),
        pairs=tuple(Pair(row["prompt"] or "", row["text"] or "") for row in rows if row["kind"] == "match"),
        general_feedback=question.get("general_feedback") or "",
        category=(question.get("category") or "").replace("/", "//") or None,
        single=settings.get("single", "1") != "0",
        shuffle=settings.get("shuffleanswers", "1") != "0",
        case_sensitive=settings.get("usecase", "0") == "1",
        default_mark=1.0 if question.get("default_mark") is None else float(question["default_mark"]),
        penalty=None if question.get("penalty") is None else float(question["penalty"]),
        numbering=settings.get("answernumbering") or "abc",
        correct_feedback=settings.get("correctfeedback") or "",
        partly_feedback=settings.get("partiallycorrectfeedback") or "",
        incorrect_feedback=settings.get("incorrectfeedback") or "",
        units=tuple(_units(question.get("settings"))),
    )


def _answer(row: Mapping[str, Any]) -> Answer:
    tolerance = as_number(str(row["tolerance"])) if row.get("tolerance") not in (None, "") else None
    return Answer(row["text"] or "", float(row["fraction"] or 0), row["feedback"] or "", tolerance)


def _as_truth(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Moodle keeps the two in its own language, and always true before false."""
    both = (TRUE, FALSE)
    if len(answers) != len(both):
        return answers
    return tuple(replace(one, text=word) for one, word in zip(answers, both, strict=True))


def _units(settings: object) -> Iterator[tuple[str, float]]:
    """Of one unit the backup keeps the element, of several a list."""
    if isinstance(settings, Mapping):
        if "unit" in settings and "multiplier" in settings:
            yield str(settings["unit"]), as_number(str(settings["multiplier"])) or 1.0
        else:
            for value in settings.values():
                yield from _units(value)
    elif isinstance(settings, list):
        for value in settings:
            yield from _units(value)


def _flat(settings: object) -> dict[str, str]:
    """The type's own options, which the backup keeps one level down, under the type's name."""
    if not isinstance(settings, Mapping):
        return {}
    flat: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value)
        elif isinstance(value, str | int | float):
            flat[str(name)] = str(value)
    return flat
