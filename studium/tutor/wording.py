"""A few words of a model's in place of a rule's: a hint, a question back, what to say of a reply.

They are whole before they are told. What gives the answer away, or comes from no model, is none: the rule's words
stand.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studium.content.sentences import sentence_starts
from studium.tutor.models import BrokenOffError, Model, Models, NoModelError
from studium.tutor.short_texts import short_text
from studium.tutor.spending import Spending
from studium.tutor.streams import StreamError
from studium.tutor.support import is_statement, support
from studium.tutor.words import words
from studium.wire.chat import AnswerPart

if TYPE_CHECKING:
    from studium.content.embed import Embedder

LONGEST = 700
"""Characters."""
MOST_GIVEN = 0.25
"""The share of the answer's own words from which on a hint gives it away."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is to word."""

    prompt: str
    blocks: Sequence[tuple[str, str]]
    """Kinds and texts: all that it is shown."""
    answer: frozenset[str] = frozenset()
    """Words it must not give away."""


@dataclass(frozen=True, slots=True)
class Worded:
    """What a model wrote, and which."""

    text: str
    model: str


def worded(models: Models, task: Task, spending: Spending, notes: list[str]) -> Generator[None, None, Worded | None]:
    """A model's words for a task; None when no model wrote any that can be told."""
    try:
        for one in models.first([models.cheap], lambda model: _written(model, models, task, spending), notes):
            if one is not None:
                return one
            yield None
    except (NoModelError, BrokenOffError):
        notes.append("worded by rule")
    return None


def _written(model: Model, models: Models, task: Task, spending: Spending) -> Generator[Worded | None]:
    clean = yield from short_text(model, models, task.prompt, task.blocks, LONGEST, spending)
    if task.answer and len(words(clean) & task.answer) > MOST_GIVEN * len(task.answer):
        raise StreamError("gave the answer away", is_worth_another=False)
    yield Worded(clean, model.name)


def held_against(embedder: "Embedder", text: str, passage: str) -> list[AnswerPart]:
    """A model's sentences, each with whether the passage says so; they cite the first citation."""
    starts = [0, *sentence_starts(text)]
    sentences = [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    parts: list[AnswerPart] = []
    for sentence in filter(None, sentences):
        holds = support(embedder, sentence, passage).holds if is_statement(sentence) else None
        parts.append(
            AnswerPart(
                text=sentence, citations=[1] if holds else [], supported=holds, made_by="model", goes_on=bool(parts)
            )
        )
    return parts
