"""Reads the HTML of one question in a review: how it ended, what was answered, step by step.

Moodle gives most of a review only as the page it shows. Words are read in English, which every Moodle has: whoever asks
adds `moodlewssettinglang=en`. What reads otherwise is left unsaid, never guessed.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import html
from lxml.html import HtmlElement

STATES = {
    "Not yet answered": "todo",
    "Not complete": "todo",
    "Answer saved": "complete",
    "Incomplete answer": "invalid",
    "Complete": "needsgrading",
    "Requires grading": "needsgrading",
    "Not graded": "finished",
    "Not answered": "gaveup",
    "Correct": "gradedright",
    "Partially correct": "gradedpartial",
    "Incorrect": "gradedwrong",
}
UNKNOWN = "unknown"
ANSWERED = re.compile(r"(?:Saved|Submit): (.*)", re.DOTALL)
NOTHING = "{$a}"
"""What Moodle shows of an answer it has no summary of."""
MARKED = "Manually graded"
RIGHT = re.compile(r"\s*The correct answers? (?:is|are):? (.*)", re.DOTALL)
TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}), (\d{1,2}):(\d{2}):(\d{2})")
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Step:
    """A line of the response history."""

    state: str
    mark: str | None
    answer: str | None
    clock: datetime | None
    """What the site's clock showed, in whatever zone it is."""
    marker_id: int | None
    is_marking: bool


@dataclass(frozen=True)
class Review:
    """What the page shows of one question."""

    behaviour: str | None
    version: int
    question: str
    """The question's HTML."""
    wording: str
    """The same as words and names of pictures: what tells one question from another."""
    general_feedback: str | None
    right_answer: str | None
    steps: tuple[Step, ...]

    @property
    def answer(self) -> str | None:
        """The last answer given."""
        return next((step.answer for step in reversed(self.steps) if step.answer is not None), None)


def read_review(page: str) -> Review:
    """Read the HTML of a question."""
    top = html.fromstring(f"<div>{page.split('<script', 1)[0]}</div>")
    classes = (_first(top, "que").get("class") or "").split() if _by_class(top, "que") else []
    asked = _first(top, "qtext") if _by_class(top, "qtext") else None
    badge = re.search(r"\bv(\d+)", " ".join(e.text_content() for e in _by_class(top, "badge")))
    return Review(
        behaviour=next(iter(classes[2:]), None),  # "que", the type, the behaviour, the state
        version=int(badge[1]) if badge else 1,
        question=_inner(asked) if asked is not None else "",
        wording=_wording(asked if asked is not None else _formulation(top)),
        general_feedback=next((_inner(e) for e in _by_class(top, "generalfeedback")), None),
        right_answer=_right_answer(top),
        steps=tuple(_step(row) for row in top.xpath('.//div[contains(@class, "history")]//tbody/tr')),
    )


def moments(steps: tuple[Step, ...], first: int, last: int) -> list[int | None]:
    """When each step was, in seconds since 1970: the last exactly, the others by the distance of clock and time.

    The clock's zone is not told, but it is some quarters of an hour from the known start; where it is not, the time of
    a step is left unsaid.
    """
    clocks = [step.clock for step in steps]
    shift = _utc(first) - clocks[0] if clocks and clocks[0] else None
    is_zone = shift is not None and abs(shift) <= timedelta(hours=15) and shift % QUARTER == timedelta(0)
    found = [_seconds(clock + shift) if clock and shift is not None and is_zone else None for clock in clocks]
    return [*found[:-1], last] if found else []


def _utc(seconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - a clock without a zone, to subtract from


def _seconds(clock: datetime) -> int:
    return int((clock - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001


def _step(row: HtmlElement) -> Step:
    cells = list(row)
    _, clock, action, state, mark = (cell.text_content() for cell in cells[:5])
    answered, is_marking = ANSWERED.fullmatch(action), action.startswith(MARKED)
    marker = re.search(r"/user/view\.php\?id=(\d+)", " ".join(cells[2].xpath(".//a/@href"))) if is_marking else None
    return Step(
        state=STATES.get(state.strip(), UNKNOWN),
        mark=mark.strip() or None,
        answer=answered[1] if answered and answered[1] != NOTHING else None,
        clock=_clock(clock),
        marker_id=int(marker[1]) if marker else None,
        is_marking=is_marking,
    )


def _clock(text: str) -> datetime | None:
    match = TIME.fullmatch(text.strip())
    if match is None:
        return None
    day, month, year, hour, minute, second = map(int, match.groups())
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def _right_answer(top: HtmlElement) -> str | None:
    text = next((e.text_content() for e in _by_class(top, "rightanswer")), None)
    match = RIGHT.fullmatch(text) if text else None
    if match is None:
        return None
    said = match[1].strip()
    if quoted := re.fullmatch(r"'(.*)'\.", said, re.DOTALL):  # true or false
        return quoted[1]
    stems = [_words(e) for e in top.xpath('.//table[contains(@class, "answer")]//td[contains(@class, "text")]')]
    if stems:
        return "; ".join(f"{stem} -> {choice}" for stem, choice in _pairs(said, stems)) or said
    choices = {_words(e): _ended(e) for e in top.xpath('.//div[@data-region="answer-label"]/div')}
    right = _listed(said, list(choices))  # in the bank's order; Moodle keeps them in the order shown
    return "; ".join(text for choice, text in choices.items() if choice in right) or said


def _pairs(said: str, stems: list[str]) -> list[tuple[str, str]]:
    """What goes with each stem, where the stems follow one another as they do in the question."""
    pattern = ", ".join(f"{re.escape(stem)} → (.*?)" for stem in stems)
    match = re.fullmatch(pattern, " ".join(said.split()))
    return list(zip(stems, match.groups(), strict=True)) if match else []


def _listed(said: str, choices: list[str]) -> list[str]:
    """The choices a list names, longest first where one begins like another; empty when it names anything else."""
    rest, found = " ".join(said.split()), []
    while rest:
        choice = next(
            (c for c in sorted(choices, key=len, reverse=True) if c and f"{rest}, ".startswith(f"{c}, ")), None
        )
        if choice is None:
            return []
        found.append(choice)
        rest = rest[len(choice) :].removeprefix(", ")
    return found


def _formulation(top: HtmlElement) -> HtmlElement:
    formulation = _first(top, "formulation") if _by_class(top, "formulation") else top
    for control in formulation.xpath(".//input | .//select | .//textarea | .//label"):
        control.drop_tree()
    return formulation


def _ended(choice: HtmlElement) -> str:
    """A choice as Moodle writes it among others: a paragraph ends its line."""
    return f"{_words(choice)}\n" if choice.xpath("./p") else _words(choice)


def _wording(element: HtmlElement) -> str:
    pictures = [str(source).rpartition("/")[2] for source in element.xpath(".//img/@src")]
    return " ".join([_words(element), *pictures])


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _inner(element: HtmlElement) -> str:
    """The HTML in an element, without the wrapper Moodle puts in it."""
    if len(element) == 1 and element[0].get("class") == "clearfix":
        element = element[0]
    inner: Any = [html.tostring(child, encoding="unicode") for child in element]
    return (element.text or "") + "".join(inner)


def _by_class(top: HtmlElement, name: str) -> list[HtmlElement]:
    found: list[HtmlElement] = top.xpath(f'.//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]')
    return found


def _first(top: HtmlElement, name: str) -> HtmlElement:
    return _by_class(top, name)[0]
