"""Writes GIFT so that Moodle reads the same questions again.

GIFT has no words for hints, units, marks, penalties, pictures, combined feedback, whether answers are shuffled or
whether case counts: what a file leaves out is said beside it. What cannot be written in GIFT is left out whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from studium.learning.questions.files import Trouble, Written, as_plain, name_of, writable
from studium.learning.questions.gift import MARKUP
from studium.learning.questions.records import ANYTHING, Answer, QuestionRecord


def write_gift(records: Sequence[QuestionRecord]) -> Written:
    """The questions as a file that Moodle reads to the same, as far as GIFT can say it."""
    parts: list[str] = []
    left_out: list[Trouble] = []
    category: str | None = None
    for record in records:
        if reason := _unsayable(record):
            left_out.append(Trouble(record.name, reason))
            continue
        if record.category != category:
            category = record.category
            parts.append(f"$CATEGORY: $course$/top{f'/{writable(category)}' if category else ''}\n")
        parts.append(_question(record))
        if missing := list(_unsaid(record)):
            left_out.append(Trouble(record.name, f"GIFT has no words for its {', '.join(missing)}."))
    return Written("\n".join(parts), left_out)


def sayable(record: QuestionRecord) -> QuestionRecord:
    """What is left of a question after GIFT."""
    answers = tuple(_in_order(record.answers)) if record.qtype == "numerical" else record.answers
    general = "" if record.qtype == "description" else record.general_feedback
    return replace(
        QuestionRecord(record.qtype, record.name, record.text), answers=answers, pairs=record.pairs, tags=record.tags,
        category=record.category, single=record.single, idnumber=record.idnumber, general_feedback=general,
    )  # fmt: skip


def _unsayable(record: QuestionRecord) -> str | None:
    """Why GIFT would say another question than this."""
    if record.qtype == "multichoice" and all(one.fraction == 1 for one in record.answers):
        return "GIFT cannot say a choice in which every answer is right."
    if record.qtype == "shortanswer" and any("->" in one.text for one in record.answers):
        return "GIFT would take the arrow in its answers for pairs to match."
    if record.qtype == "numerical" and any(one.text == ANYTHING and one.fraction for one in record.answers):
        return "GIFT cannot give marks for any number."
    return None


def _unsaid(record: QuestionRecord) -> Iterator[str]:
    plain = sayable(record)
    named = (
        ("hints", "hints"), ("pictures", "pictures"), ("units", "units"), ("default_mark", "mark"),
        ("shuffle", "fixed order"), ("case_sensitive", "case of letters"), ("correct_feedback", "feedback when right"),
        ("partly_feedback", "feedback when partly right"), ("incorrect_feedback", "feedback when wrong"),
        ("general_feedback", "general feedback"),
    )  # fmt: skip
    for field, words in named:
        if getattr(record, field) != getattr(plain, field):
            yield words


def _question(record: QuestionRecord) -> str:
    marks = [*([f"[id:{_in_mark(record.idnumber)}]"] if record.idnumber else []),
             *(f"[tag:{_in_mark(tag)}]" for tag in record.tags)]  # fmt: skip
    lines = [f"// {' '.join(marks)}\n"] if marks else []
    name = record.name if as_plain(record.name) else name_of(record.text)
    lines.append(f"::{_escaped(name)}::{_html(record.text, always=True)}{_inside(record)}\n")
    return "".join(lines)


def _inside(record: QuestionRecord) -> str:
    general = f"\t####{_html(record.general_feedback)}\n" if record.general_feedback else ""
    if record.qtype == "description":
        return ""
    if record.qtype == "essay":
        return f"{{\n{general}}}" if general else "{}"
    if record.qtype == "truefalse":
        when_true, when_false = record.answers
        right, wrong = (when_true, when_false) if when_true.fraction else (when_false, when_true)
        said = "".join(f"#{_html(one)}" for one in (wrong.feedback, right.feedback)) if (
            wrong.feedback or right.feedback) else ""  # fmt: skip
        return f"{{{'TRUE' if when_true.fraction else 'FALSE'}{said}\n{general}}}"
    if record.qtype == "match":
        lines = [f"\t={_html(pair.prompt)} -> {_escaped(pair.answer)}\n" for pair in record.pairs]
    else:
        lines = [f"\t{_answer(record, one)}\n" for one in _in_order(record.answers)]
    return f"{{{'#' if record.qtype == 'numerical' else ''}\n{''.join(lines)}{general}}}"


def _answer(record: QuestionRecord, one: Answer) -> str:
    said = f"#{_html(one.feedback)}" if one.feedback else ""
    share = f"%{one.fraction * 100:.5f}".rstrip("0").rstrip(".") + "%"
    if record.qtype == "multichoice":
        sign = "=" if one.fraction == 1 and record.single else "~" if one.fraction == 0 else f"~{share}"
        return f"{sign}{_html(one.text)}{said}"
    if record.qtype == "numerical":
        if one.text == ANYTHING:
            return f"~{said or '#'}"
        off = "" if one.tolerance is None else f":{one.tolerance:.12g}"
        return f"={share}{one.text}{off}{said}"
    mark = "[plain]" if one.text.startswith("[") else ""
    return f"={share}{mark}{_escaped(one.text)}{said}"


def _in_order(answers: Sequence[Answer]) -> list[Answer]:
    """What fits anything else comes last."""
    return sorted(answers, key=lambda one: one.text == ANYTHING)


def _html(text: str, *, always: bool = False) -> str:
    """HTML, with nothing in it that would read as a format, a share of the mark or a pair."""
    text = text.strip().replace("->", "-&gt;")
    if text.startswith("%"):
        text = f"&#37;{text[1:]}"
    return f"{'[html]' if always or MARKUP.match(text) else ''}{_escaped(text)}"


def _escaped(text: str) -> str:
    plain = writable(text).strip().replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\\:#={}~]", lambda found: "\\" + found[0], plain).replace("\n", "\\n")


def _in_mark(text: str) -> str:
    return re.sub(r"\s+", " ", writable(text)).strip().replace("]", "\\]")
