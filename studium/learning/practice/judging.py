"""What an answer to a question is worth, by its type's rule, as Moodle judges it. Pure; no model takes part."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from random import Random
from uuid import UUID

from studium.learning.practice.texts import plain
from studium.learning.questions.records import ANYTHING, WHOLE, Answer, QuestionRecord, as_number

NUMBER = re.compile(r"[-+\u2212]?\d[\d.,]*(?:[eE][-+]?\d+)?|[-+\u2212]?[.,]\d+")
MOST_RIGHT = 3
"""Ways of saying a typed answer that are shown."""
NOTHING_SAID = "(nothing)"


class BadAnswerError(ValueError):
    """An answer that is none to this question, with a sentence why."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it came: options by their number, or what was typed."""

    choices: tuple[int, ...] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer is worth, and what there is to say to it."""

    fraction: float
    given: str
    right_answer: str
    said: tuple[str, ...]

    @property
    def is_correct(self) -> bool:
        """Whether it earns the whole mark."""
        return self.fraction >= 1 - WHOLE


def luck(record: QuestionRecord) -> float:
    """How much somebody who knows nothing gets on average."""
    match record.qtype:
        case "truefalse":
            return 0.5
        case "multichoice":
            return 1 / len(record.answers) if record.single else 1 / (2 ** len(record.answers) - 1)
        case "match":
            return 1 / len(_right_sides(record))
        case _:
            return 0.0


def options(record: QuestionRecord, question_id: UUID) -> list[tuple[int, str]]:
    """What can be chosen, by number, in the order in which it is shown: always the same for one question."""
    if record.qtype == "match":
        texts = list(_right_sides(record))
    elif record.qtype in ("multichoice", "truefalse"):
        texts = [_text(record, one) for one in record.answers]
    else:
        return []
    order = list(range(len(texts)))
    if record.shuffle and record.qtype != "truefalse":
        Random(question_id.int).shuffle(order)  # noqa: S311 - an order, no secret
    return [(number, texts[number]) for number in order]


def prompts(record: QuestionRecord) -> list[str]:
    """Of a matching question, what something is to be found for."""
    return [one.prompt for one in record.pairs if one.prompt.strip()]


def judge(record: QuestionRecord, given: Given) -> Judgement:
    """What an answer is worth.

    Raises:
        BadAnswerError: it is not one to this question.
    """
    match record.qtype:
        case "multichoice" | "truefalse":
            fraction, said, chosen = _chosen(record, given)
        case "match":
            fraction, said, chosen = _matched(record, given)
        case "shortanswer" | "numerical":
            fraction, said, chosen = _typed(record, given)
        case _:
            raise BadAnswerError("Nobody can judge answers to this question by rule.")
    further = [plain(one) for one in (*said, record.general_feedback)]
    told = tuple(dict.fromkeys(one for one in further if one))
    return Judgement(min(max(fraction, 0.0), 1.0), chosen, right_answer(record), told)


def right_answer(record: QuestionRecord) -> str:
    """The answer that earns the whole mark, in words."""
    if record.qtype == "match":
        return "; ".join(f"{one.prompt} → {one.answer}" for one in record.pairs if one.prompt.strip())
    if record.qtype == "multichoice" and not record.single:
        return "; ".join(_text(record, one) for one in record.right)
    whole = [_text(record, one) for one in record.answers if isclose(one.fraction, 1, abs_tol=WHOLE)]
    if record.qtype == "shortanswer":
        whole = [one.replace(r"\*", "\0").replace("*", "").replace("\0", "*").strip() for one in whole]
    return " or ".join([one for one in whole if one][:MOST_RIGHT])


def _chosen(record: QuestionRecord, given: Given) -> tuple[float, list[str], str]:
    if given.choices is None:
        raise BadAnswerError("This question is answered by choosing.")
    numbers = sorted(set(given.choices))
    is_single = record.qtype == "truefalse" or record.single
    if any(one >= len(record.answers) for one in numbers) or (is_single and len(numbers) != 1) or not numbers:
        raise BadAnswerError("Choose one of the answers." if is_single else "Choose at least one of the answers.")
    chosen = [record.answers[one] for one in numbers]
    fraction = sum(one.fraction for one in chosen)
    if not is_single:  # to choose everything is no knowledge, also where wrong answers cost nothing
        wrong = [one for one in record.answers if one.fraction <= 0]
        fraction -= sum(one.fraction == 0 for one in chosen) / max(len(wrong), 1)
    return fraction, [one.feedback for one in chosen], "; ".join(_text(record, one) for one in chosen)


def _matched(record: QuestionRecord, given: Given) -> tuple[float, list[str], str]:
    pairs = [one for one in record.pairs if one.prompt.strip()]
    sides = _right_sides(record)
    if given.choices is None or len(given.choices) != len(pairs) or any(one >= len(sides) for one in given.choices):
        raise BadAnswerError("Choose one of the answers for each part.")
    right = sum(sides[one].strip() == pair.answer.strip() for one, pair in zip(given.choices, pairs, strict=True))
    chosen = "; ".join(f"{pair.prompt} → {sides[one]}" for one, pair in zip(given.choices, pairs, strict=True))
    return right / len(pairs), [], chosen


def _typed(record: QuestionRecord, given: Given) -> tuple[float, list[str], str]:
    if given.text is None:
        raise BadAnswerError("This question is answered by typing.")
    typed = " ".join(given.text.split())
    if record.qtype == "numerical" and _value(record, typed) is None:
        raise BadAnswerError("Type a number.")
    found = next((one for one in record.answers if typed and _fits(record, one, typed)), None)
    return (found.fraction if found else 0.0), [found.feedback] if found else [], typed or NOTHING_SAID


def _fits(record: QuestionRecord, answer: Answer, typed: str) -> bool:
    if record.qtype == "numerical":
        value, wanted = _value(record, typed), as_number(answer.text)
        if answer.text.strip() == ANYTHING or value is None or wanted is None:
            return answer.text.strip() == ANYTHING
        off = abs(value - wanted)
        return off <= (answer.tolerance or 0.0) or isclose(off, answer.tolerance or 0.0, abs_tol=1e-9 * abs(wanted))
    parts = _even(answer.text).replace(r"\*", "\0").split(ANYTHING)
    pattern = ".*".join(re.escape(part.replace("\0", "*")) for part in parts)
    flags = re.DOTALL if record.case_sensitive else re.DOTALL | re.IGNORECASE
    return re.fullmatch(pattern, _even(typed), flags) is not None


def _value(record: QuestionRecord, typed: str) -> float | None:
    found = NUMBER.search(typed)
    number = as_number(found.group()) if found else None
    if found is None or number is None:
        return None
    unit = (typed[: found.start()] + typed[found.end() :]).strip()
    return number * next((times for name, times in record.units if unit == name), 1.0)


def _even(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _right_sides(record: QuestionRecord) -> Sequence[str]:
    return list(dict.fromkeys(one.answer for one in record.pairs))


def _text(record: QuestionRecord, answer: Answer) -> str:
    return plain(answer.text) if record.qtype == "multichoice" else answer.text
