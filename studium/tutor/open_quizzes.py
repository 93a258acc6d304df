"""What is not answered while somebody sits a quiz: what the quiz asks, and the places that say just that.

Which quizzes those are is the database's to say, from Moodle's own states (migration 0019). How far Moodle is behind
itself is the sync's matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from lxml import html
from lxml.etree import ParserError
from psycopg import Connection

from studium.tutor.sentence_vectors import vectors_of
from studium.tutor.words import words
from studium.wire.chat import ChatAnswer

if TYPE_CHECKING:
    from studium.content.embed import Embedder

SHARED_WORDS = 0.5
"""What the share of a text's words that a quiz's question has counts beside the cosine of both."""
ALIKE = 0.75
"""Of 51 ways in which students might ask the quizzes of CVS201 50 are held so, of 28 for PHA203, asked afterwards, all;
of 467 other questions in examples/golden and tests/tutor 43, about half of which ask what a quiz asks."""

HELD = (
    "You have an attempt at \u201c{quiz}\u201d open in Moodle. Until you hand it in, what comes near to what it asks "
    "is not answered here, and neither is this. That says nothing about which questions you have."
)
KEPT_BACK = (
    "You have an attempt at \u201c{quiz}\u201d open. Until you hand it in, some places of the course are left out here."
)


@dataclass(frozen=True)
class OpenQuiz:
    """A quiz somebody is sitting, and all ways in which its questions are worded: alone, and with each answer."""

    course_id: str
    name: str
    wordings: tuple[tuple[str, str], ...]
    """Each with the question by itself."""


@dataclass(frozen=True)
class Held:
    """What the quizzes keep from being answered in one course."""

    embedder: "Embedder"
    course_id: str
    quizzes: tuple[OpenQuiz, ...] = ()

    @cached_property
    def unknown(self) -> OpenQuiz | None:
        """A quiz of this course of whose questions none is known: any question may be one of them."""
        return next((one for one in self.quizzes if not one.wordings and one.course_id == self.course_id), None)

    def by(self, text: str) -> OpenQuiz | None:
        """The quiz that may ask this; one whose questions are not known asks everything in its course."""
        return self.unknown or next((one for one in self.quizzes if one.wordings and self._asks(one, [text])[0]), None)

    def says(self, texts: Sequence[str]) -> list[str | None]:
        """Of each text, the name of the quiz that asks what it says."""
        by: list[str | None] = [None] * len(texts)
        for quiz in self.quizzes if texts else ():
            if quiz.wordings:
                by = [
                    known or (quiz.name if asks else None)
                    for known, asks in zip(by, self._asks(quiz, texts), strict=True)
                ]
        return by

    def _asks(self, quiz: OpenQuiz, texts: Sequence[str]) -> list[bool]:
        alike = vectors_of(self.embedder, texts) @ vectors_of(self.embedder, [one for one, _ in quiz.wordings]).T
        asked = [(words(wording), words(question)) for wording, question in quiz.wordings]
        shares = np.array([[_share(said, *one) for one in asked] for said in map(words, texts)])
        return [bool(one) for one in (alike + SHARED_WORDS * shares).max(axis=1) >= ALIKE]


def held(connection: Connection, embedder: "Embedder", course_id: str) -> Held:
    """What the transaction's account is sitting just now, in whatever course."""
    rows = connection.execute("select course_id, name, questions from app.open_quizzes()").fetchall()
    return Held(embedder, course_id, tuple(OpenQuiz(course, name, _wordings(asked)) for course, name, asked in rows))


def _share(said: frozenset[str], wording: frozenset[str], question: frozenset[str]) -> float:
    """The share of a text's words that a wording has; a text that only names an answer shares nothing."""
    return len(said & wording) / len(said) if said & question else 0.0


def _wordings(questions: Sequence[dict[str, object]]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for question in questions:
        text, answers = plain(str(question["text"])), question["answers"]
        assert isinstance(answers, list)  # noqa: S101 - the function's own JSON
        for wording in (text, *(f"{text} {plain(str(answer))}" for answer in answers)):
            found.setdefault(wording.strip(), text)
    return tuple((wording, question) for wording, question in found.items() if wording)


def plain(text: str) -> str:
    """HTML as its words."""
    try:
        return " ".join(html.fromstring(f"<div>{text}</div>").text_content().split())
    except ParserError:
        return ""


def refused(quiz: str) -> ChatAnswer:
    """That something is not answered for the sake of a quiz: which one, and not which of its questions."""
    statement = HELD.format(quiz=quiz)
    return ChatAnswer(statement=statement, shape="held", parts=[], citations=[], read_next=[], model=None)
