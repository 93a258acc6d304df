"""Questions that a model writes, held against the passages: what is not found in them, or is doubtful, is left out.

A model never says by itself that its question is right: the words it rests on must stand in the passage, and asked anew
without the key, which answers are right, it must name that one alone.
"""

import re
from collections.abc import Generator, Sequence
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any

from studium.learning.making.material import Source
from studium.learning.questions.files import name_of
from studium.learning.questions.making.alike import is_inside, parts, stands_out, tells
from studium.learning.questions.making.made import Difficulty, Made, choice, cited
from studium.learning.questions.records import QuestionRecord
from studium.tutor.models import BrokenOffError, Model, Models, NoModelError
from studium.tutor.short_texts import short_text
from studium.tutor.streams import listed

if TYPE_CHECKING:
    from studium.tutor.spending import Spending

WRITE, CHECK = "questions-1", "questions-check-1"
MOST_AT_ONCE = 8
MOST_PASSAGES = 10
CHARACTERS_A_TOKEN = 4
LONGEST_REPLY = 12_000
LONGEST_QUESTION, LONGEST_ANSWER = 400, 220
WRONG = 3
SHORTEST_QUOTE = 4
"""Words."""
SAID = 0.5
"""Share of the right answer's words that the quote or the question has."""
_ANY = re.compile(
    r"\b(?:all|none|both|neither|any) of (?:these|the above|them)\b|\bpassage\b|\btext above\b", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")


def shown(sources: Sequence[Source], topic_id: str | None, models: Models, turn: int) -> list[Source]:
    """The passages a model is shown: of the topic, as many as it reads, other ones with every turn."""
    own = [one for one in sources if (topic_id is None or one.topic_id == topic_id) and not one.is_aside]
    own = [one for one in own if len(one.text.split()) >= MOST_PASSAGES] or own
    start = turn % len(own) if own else 0
    chosen: list[Source] = []
    left = models.context_tokens * CHARACTERS_A_TOKEN
    for one in [*own[start:], *own[:start]]:
        left -= len(one.text)
        if left < 0 or len(chosen) == MOST_PASSAGES:
            break
        chosen.append(one)
    return chosen


def written(
    models: Models, passages: Sequence[Source], difficulty: Difficulty, count: int, before: Sequence[str],
    spending: "Spending", notes: list[str],
) -> tuple[str, list[Made]] | None:  # fmt: skip
    """The model's name and its questions that held; None when no model answered.

    Args:
        models: the installation's; the strong one writes and checks.
        passages: what they are made of.
        difficulty: which is wanted.
        count: how many.
        before: questions that need not be asked again.
        spending: grows by what it costs.
        notes: takes what went wrong.
    """

    def use(model: Model) -> Generator[tuple[str, list[Made]] | None]:
        blocks = [
            ("wanted", f"{min(count, MOST_AT_ONCE)} questions, {difficulty}"),
            ("asked before", "\n".join(before) or "nothing"),
            *((f"passage {number}", one.text) for number, one in enumerate(passages, 1)),
        ]
        reply = yield from short_text(model, models, WRITE, blocks, LONGEST_REPLY, spending)
        found = held(listed(reply, "questions"), passages, difficulty)
        if found:
            checks = [("questions", "\n\n".join(_numbered(number, one) for number, one in enumerate(found, 1)))]
            told = yield from short_text(model, models, CHECK, checks, LONGEST_REPLY, spending)
            found = confirmed(found, listed(told, "questions"))
        yield model.name, found

    try:
        order = [models.strong] if models.strong is models.cheap else [models.strong, models.cheap]
        return next((one for one in models.first(order, use, notes) if one is not None), None)
    except (NoModelError, BrokenOffError):
        return None


def held(items: Sequence[Any], passages: Sequence[Source], difficulty: Difficulty) -> list[Made]:
    """Those of a model's questions that the passages bear out and nothing speaks against. Pure."""
    made = (_held(item, passages, difficulty) for item in items if isinstance(item, dict))
    return list({one.key: one for one in made if one}.values())


def confirmed(made: Sequence[Made], told: Sequence[Any]) -> list[Made]:
    """Those whose right answer, and no other, was named by who did not know the key. Pure."""
    return [one for one, numbers in zip(made, told, strict=False) if numbers == [_place(one.record)]]


def _held(item: dict[str, Any], passages: Sequence[Source], difficulty: Difficulty) -> Made | None:
    texts = [item.get("question"), item.get("right"), item.get("quote"), *_texts(item.get("wrong"))]
    number = item.get("passage")
    if not all(isinstance(text, str) and text.strip() for text in texts) or len(texts) != WRONG + 3:
        return None
    if not isinstance(number, int) or not 1 <= number <= len(passages):
        return None
    question, right, quote, *wrong = (_SPACE.sub(" ", str(text)).strip() for text in texts)
    source = passages[number - 1]
    if (
        not _stands_in(quote, source.text)
        or not _is_sound(question, right, wrong)
        or not _is_said(right, quote, question)
    ):
        return None
    record = cited(choice(name_of(question), f"<p>{escape(question, quote=False)}</p>", right, wrong, question), quote)
    return Made(record, "model", difficulty, source, quote, parts(question), 0.9)


def _texts(found: object) -> list[object]:
    return list(found) if isinstance(found, list) else []


def _stands_in(quote: str, text: str) -> bool:
    return len(quote.split()) >= SHORTEST_QUOTE and quote.casefold() in _SPACE.sub(" ", text).casefold()


def _is_sound(question: str, right: str, wrong: Sequence[str]) -> bool:
    """Neither malformed nor to be guessed: one kind, one length, nothing told, nothing inside another."""
    options = [right, *wrong]
    words = [parts(one) for one in options]
    return (
        len(question) <= LONGEST_QUESTION
        and max(map(len, options)) <= LONGEST_ANSWER
        and not any(_ANY.search(text) for text in (question, *options))
        and all(words)
        and not any(is_inside(one, other) for place, one in enumerate(words) for other in words[:place])
        and not stands_out(right, wrong)
        and not tells(parts(question), right, wrong)
    )


def _is_said(right: str, quote: str, question: str) -> bool:
    """Whether the words of the right answer, and all its figures, stand in what it rests on."""
    wanted, there = parts(right), parts(quote) | parts(question)
    figures = {one for one in wanted if one[0].isdigit()}
    return figures <= there and len(wanted & there) >= SAID * len(wanted)


def _numbered(number: int, one: Made) -> str:
    options = (f"{place}. {answer.text}" for place, answer in enumerate(one.record.answers, 1))
    return "\n".join(chain([f"Passage: {one.source.text}", f"Question {number}: {one.record.text[3:-4]}"], options))


def _place(record: QuestionRecord) -> int:
    return next(place for place, answer in enumerate(record.answers, 1) if answer.fraction == 1)
