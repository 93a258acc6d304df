"""A question as every format, page and table of Studium knows it, and what makes one that can be asked. Pure.

How formats write it is not here (`gift`, `moodle_xml`), nor how an answer to it is judged (`practice`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from math import isclose, isfinite
from typing import Any, Literal, Self

QType = Literal["multichoice", "truefalse", "shortanswer", "numerical", "match", "essay", "description"]
ASKED: tuple[QType, ...] = ("multichoice", "truefalse", "shortanswer", "numerical", "match")
"""Types whose answers a rule can judge: practice asks these, and no others."""
ANYTHING = "*"
"""As a short or numerical answer: whatever else is said."""
TRUE, FALSE = "True", "False"
FEWEST = 2
"""Answers to choose from, or pairs to match."""
LONGEST, MOST_ANSWERS = 50_000, 100
"""Characters of a text; answers or pairs of a question."""
WHOLE = 0.001
"""How far fractions that add up to 1 may be off: Moodle keeps thirds with seven digits, people write 33.3."""


class BadQuestionError(ValueError):
    """A question that cannot be asked as it stands, with a sentence for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be answered, and the part of the mark it earns: 1 is right, 0 wrong, below 0 costs something.

    `text` is HTML for multiple choice, plain for what is typed.
    """

    text: str
    fraction: float = 0.0
    feedback: str = ""
    tolerance: float | None = None
    """Of a number: how far off is still right."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What belongs together in a matching question; without a prompt, an answer that fits nothing."""

    prompt: str
    answer: str
    """Plain text."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file a text shows as `@@PLUGINFILE@@/<path><name>`."""

    name: str
    data: str
    """Base64, as it came."""
    path: str = "/"
    place: str = "questiontext/0"
    """Which of the question's texts it hangs at, as Moodle's XML nests them."""


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """One question. Its texts are HTML, not yet cleaned; what is typed or picked from a list is plain text."""

    qtype: QType
    name: str
    text: str
    answers: tuple[Answer, ...] = ()
    """Right and wrong ones; of `truefalse` always the two texts `True` and `False`, in this order."""
    pairs: tuple[Pair, ...] = ()
    """Of `match` alone."""
    general_feedback: str = ""
    """Shown after any answer."""
    tags: tuple[str, ...] = ()
    category: str | None = None
    """Where it lies in the bank, as Moodle writes paths: `/` between the names, `//` for one in a name."""
    single: bool = True
    """Of `multichoice`: one answer is chosen; else as many as are right."""
    shuffle: bool = True
    case_sensitive: bool = False
    default_mark: float = 1.0
    penalty: float | None = None
    """Moodle's; None: as Moodle has it for the type."""
    numbering: str = "abc"
    hints: tuple[str, ...] = ()
    correct_feedback: str = ""
    partly_feedback: str = ""
    incorrect_feedback: str = ""
    units: tuple[tuple[str, float], ...] = ()
    """Of `numerical`: names, and what a number in them is multiplied by."""
    idnumber: str | None = None
    pictures: tuple[Picture, ...] = ()

    def stored(self) -> dict[str, Any]:
        """As `app.practice_questions` keeps it: qtype, text, answers, general_feedback, settings (the rest)."""
        answers = [_without_nothing(asdict(one)) for one in (self.pairs if self.qtype == "match" else self.answers)]
        plain = {one.name: getattr(self, one.name) for one in fields(self) if one.name in _SETTINGS}
        blank = {one.name: one.default for one in fields(self) if one.name in _SETTINGS}
        settings = {name: value for name, value in plain.items() if name == "name" or value != blank[name]}
        if self.pictures:
            settings["pictures"] = [asdict(one) for one in self.pictures]
        return {
            "qtype": self.qtype,
            "text": self.text,
            "answers": answers,
            "general_feedback": self.general_feedback,
            "settings": settings,
        }

    @classmethod
    def of_stored(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `app.practice_questions`."""
        settings = {"name": "", **(row.get("settings") or {})}
        pictures = tuple(Picture(**one) for one in settings.pop("pictures", ()))
        for name in ("tags", "hints"):
            settings[name] = tuple(settings.get(name, ()))
        settings["units"] = tuple((name, value) for name, value in settings.get("units", ()))
        is_match = row["qtype"] == "match"
        return cls(
            qtype=row["qtype"],
            text=row["text"],
            answers=() if is_match else tuple(Answer(**one) for one in row["answers"]),
            pairs=tuple(Pair(**one) for one in row["answers"]) if is_match else (),
            general_feedback=row["general_feedback"] or "",
            pictures=pictures,
            **{name: settings[name] for name in _SETTINGS if name in settings},
        )

    @property
    def right(self) -> tuple[Answer, ...]:
        """The answers that earn something on their own or together."""
        return tuple(one for one in self.answers if one.fraction > 0)

    def checked(self) -> Self:
        """Itself.

        Raises:
            BadQuestionError: it cannot be asked; the first thing that is wrong with it.
        """
        if found := problem(self):
            raise BadQuestionError(found)
        return self


_SETTINGS = frozenset(one.name for one in fields(QuestionRecord)) - {
    "qtype", "text", "answers", "pairs", "general_feedback", "pictures",
}  # fmt: skip


def true_false(is_true: bool, *, when_true: str = "", when_false: str = "") -> tuple[Answer, Answer]:
    """The two answers, with what is said to somebody who chose each."""
    return Answer(TRUE, float(is_true), when_true), Answer(FALSE, float(not is_true), when_false)


def renamed(record: QuestionRecord, name: str) -> QuestionRecord:
    """The same under another name."""
    return replace(record, name=name)


def problem(record: QuestionRecord) -> str | None:
    """What is wrong with a question, as a sentence; None when it can be asked."""
    if not record.text.strip():
        return "The question has no text."
    texts = (record.text, record.general_feedback, *(f"{one.text}{one.feedback}" for one in record.answers))
    if max(map(len, texts)) > LONGEST or max(len(record.answers), len(record.pairs)) > MOST_ANSWERS:
        return f"A text of it is longer than {LONGEST:,} characters, or it has more than {MOST_ANSWERS} answers."
    if record.qtype in ("essay", "description"):
        return None
    if record.qtype == "match":
        return _of_pairs(record.pairs)
    return _of_answers(record)


def _of_answers(record: QuestionRecord) -> str | None:
    if not record.answers:
        return "The question has no answers."
    if any(not one.text.strip() for one in record.answers):
        return "An answer is empty."
    if any(not isfinite(one.fraction) or not -1 <= one.fraction <= 1 for one in record.answers):
        return "An answer's share of the mark lies outside -100 % and 100 %."
    if record.qtype == "truefalse":
        return _of_truth(record.answers)
    return _of_choices(record) if record.qtype == "multichoice" else _of_typed(record)


def _of_choices(record: QuestionRecord) -> str | None:
    if len(record.answers) < FEWEST:
        return "A multiple choice question needs at least two answers."
    if len({one.text.strip() for one in record.answers}) < len(record.answers):
        return "Two answers are the same."
    if record.single and not any(isclose(one.fraction, 1, abs_tol=WHOLE) for one in record.answers):
        return "No answer is worth 100 %."
    if not record.single and not isclose(sum(one.fraction for one in record.right), 1, abs_tol=WHOLE):
        return "The right answers are not worth 100 % together."
    return None


def _of_truth(answers: Sequence[Answer]) -> str | None:
    if [one.text for one in answers] != [TRUE, FALSE]:
        return "A true/false question needs the two answers True and False."
    if sorted(one.fraction for one in answers) != [0, 1]:
        return "Either true or false has to be right, and not both."
    return None


def _of_typed(record: QuestionRecord) -> str | None:
    if not any(isclose(one.fraction, 1, abs_tol=WHOLE) for one in record.answers):
        return "No answer is worth 100 %."
    if record.qtype == "numerical":
        if any(one.text != ANYTHING and as_number(one.text) is None for one in record.answers):
            return "An answer is not a number."
        if any(one.tolerance is not None and not 0 <= one.tolerance < float("inf") for one in record.answers):
            return "A tolerance is below zero or no number."
    return None


def _of_pairs(pairs: Sequence[Pair]) -> str | None:
    if any(not one.answer.strip() for one in pairs):
        return "A pair has nothing on its right side."
    if sum(bool(one.prompt.strip()) for one in pairs) < FEWEST or len({one.answer.strip() for one in pairs}) < FEWEST:
        return "A matching question needs at least two pairs with different answers."
    if len({one.prompt.strip() for one in pairs if one.prompt.strip()}) < sum(
        bool(one.prompt.strip()) for one in pairs
    ):
        return "Two pairs have the same left side."
    return None


def as_number(text: str) -> float | None:
    """A number as people and Moodle write it: with a point or a comma before the decimals."""
    try:
        found = float(text.strip().replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        return None
    return found if isfinite(found) else None


def _without_nothing(fields_: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields_.items() if value is not None}
