"""Cards that a model writes, held against the passages: what is not found in them, or is no good card, is left out.

A model never says by itself that its card is right: the words it rests on must stand in the passage, and the answer's
words in them.
"""

import re
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from studium.learning.making.candidate import Candidate, plain
from studium.learning.making.language import WORD, stems
from studium.learning.making.material import Source
from studium.learning.making.standing import points_away
from studium.tutor.models import BrokenOffError, Model, Models, NoModelError
from studium.tutor.short_texts import short_text
from studium.tutor.streams import listed

if TYPE_CHECKING:
    from studium.tutor.spending import Spending

PROMPT = "cards-1"
MOST_AT_ONCE = 20
MOST_PASSAGES = 10
CHARACTERS_A_TOKEN = 4
LONGEST_REPLY = 12_000
LONGEST_FRONT, LONGEST_BACK = 300, 240
SHORTEST_QUOTE = 4
SAID = 0.6
"""Share of the answer's words that the quote has, in one form or another."""
TOLD = 0.7
"""Of the answer's words in the question: from this share on the question tells it."""
_SPACE = re.compile(r"\s+")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_EVERYBODYS = stems("the a an of and or in to is are was were by for with on at from it its that which as because be")


def shown(sources: Sequence[Source], models: Models) -> list[Source]:
    """The passages a model is shown: as many as it reads."""
    chosen: list[Source] = []
    left = models.context_tokens * CHARACTERS_A_TOKEN
    for one in sources:
        left -= len(one.text)
        if left < 0 or len(chosen) == MOST_PASSAGES:
            break
        chosen.append(one)
    return chosen


def written(
    models: Models, passages: Sequence[Source], count: int, spending: "Spending", notes: list[str]
) -> tuple[str, list[Candidate]] | None:
    """The model's name and its cards that held; None when no model answered.

    Args:
        models: the installation's.
        passages: what they are made of.
        count: how many are wanted.
        spending: grows by what it costs.
        notes: takes what went wrong.
    """

    def use(model: Model) -> Generator[tuple[str, list[Candidate]] | None]:
        blocks = [
            ("wanted", f"at most {min(count, MOST_AT_ONCE)} cards"),
            *((f"passage {number}", one.text) for number, one in enumerate(passages, 1)),
        ]
        reply = yield from short_text(model, models, PROMPT, blocks, LONGEST_REPLY, spending)
        yield model.name, held(listed(reply, "cards"), passages)

    try:
        order = [models.cheap] if models.strong is models.cheap else [models.cheap, models.strong]
        return next((one for one in models.first(order, use, notes) if one is not None), None)
    except (NoModelError, BrokenOffError):
        return None


def held(items: Sequence[Any], passages: Sequence[Source]) -> list[Candidate]:
    """Those of a model's cards that the passages bear out and that can be asked without them. Pure."""
    made = (_held(item, passages) for item in items if isinstance(item, dict))
    return [one for one in made if one]


def _held(item: dict[str, Any], passages: Sequence[Source]) -> Candidate | None:
    texts, number = [item.get(name) for name in ("front", "back", "quote")], item.get("passage")
    if not all(isinstance(text, str) and text.strip() for text in texts):
        return None
    if not isinstance(number, int) or not 1 <= number <= len(passages):
        return None
    front, back, quote = (_SPACE.sub(" ", str(text)).strip() for text in texts)
    source = passages[number - 1]
    stands = _standing(quote, source.text)
    if stands is None or not _is_sound(front, back) or not _is_said(front, back, quote):
        return None
    return Candidate(plain(front), plain(back), "basic", "model", stands, source, 0.9)


def _standing(quote: str, text: str) -> str | None:
    """The quote as the passage has it, whatever its spaces."""
    words = quote.split()
    if len(words) < SHORTEST_QUOTE:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return found[0] if found else None


def _is_sound(front: str, back: str) -> bool:
    """Short, a question that does not point at the page, and that does not tell its answer."""
    wanted = stems(back) - _EVERYBODYS
    return (
        len(front) <= LONGEST_FRONT
        and len(back) <= LONGEST_BACK
        and len(WORD.findall(front)) > 2  # noqa: PLR2004
        and not points_away(front)
        and bool(wanted)
        and len(wanted & stems(front)) < TOLD * len(wanted)
    )


def _is_said(front: str, back: str, quote: str) -> bool:
    """Whether the answer's words, and all its figures, stand in what it rests on."""
    wanted, there = stems(back) - _EVERYBODYS, stems(quote) | stems(front)
    figures = set(_FIGURE.findall(quote)) | set(_FIGURE.findall(front))
    return all(one in figures for one in _FIGURE.findall(back)) and len(wanted & there) >= SAID * len(wanted)
