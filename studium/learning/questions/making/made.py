"""A question as a rule or a model makes it: tied to the words of the course it rests on."""

from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape
from random import Random
from typing import Literal

from studium.learning.making.material import Source
from studium.learning.questions.records import Answer, Pair, QuestionRecord

Difficulty = Literal["easy", "medium", "hard"]
DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "medium", "hard")
Maker = Literal["term", "meaning", "typed_term", "match", "table", "listed", "figure", "direction", "model"]
SAYS = "The course says: \u201c{quote}\u201d"


@dataclass(frozen=True, slots=True)
class Made:
    """One question, and why it is right."""

    record: QuestionRecord
    maker: Maker
    difficulty: Difficulty
    source: Source
    quote: str
    """The words of the source that make the answer right."""
    about: frozenset[str]
    """What it asks for: of two questions about the same, one a set is enough."""
    worth: float
    """From 0 to 1, for the order."""

    @property
    def key(self) -> str:
        """The same for the same question, however often it is made."""
        right = sorted(one.text for one in self.record.right) or sorted(one.answer for one in self.record.pairs)
        return sha256("\0".join([self.record.qtype, self.record.text, *right]).encode()).hexdigest()[:24]


def choice(name: str, text: str, right: str, wrong: list[str], seed: str) -> QuestionRecord:
    """A multiple choice question of plain texts; the seed says in which order they stand."""
    answers = [Answer(escape(right, quote=False), 1.0), *(Answer(escape(one, quote=False), 0.0) for one in wrong)]
    Random(seed).shuffle(answers)  # noqa: S311 - an order, the same whenever it is made
    return QuestionRecord("multichoice", name, text, tuple(answers))


def matching(name: str, text: str, pairs: list[tuple[str, str]]) -> QuestionRecord:
    """A matching question of plain texts."""
    return QuestionRecord(
        "match", name, text, pairs=tuple(Pair(escape(left, quote=False), right) for left, right in pairs)
    )


def cited(record: QuestionRecord, quote: str) -> QuestionRecord:
    """With the words it rests on as what is said after any answer."""
    return replace(record, general_feedback=f"<p>{escape(SAYS.format(quote=quote), quote=False)}</p>")
