"""Sentences of the course with words left out. Which words: those that tell something, by rule."""

from collections import Counter
from collections.abc import Sequence
from math import ceil

from studium.tutor.words import COMMON, WORD, stem, words

GAP = "\u2009____\u2009"
SHORTEST_TERM = 5
"""Letters of a word that is worth a gap of its own."""


def hidden(text: str, asked: str, around: Sequence[str]) -> frozenset[str]:
    """Of the words of a text that a question does not have, the rarer half: what answers it rather than repeats it."""
    own = words(text) - words(asked)
    held = Counter(word for one in around for word in words(one))
    ranked = sorted(own, key=lambda word: (not word[0].isdigit(), held[word], -len(word), word))
    return frozenset(ranked[: ceil(len(ranked) / 2)])


def blanked(text: str, gaps: frozenset[str]) -> str:
    """A text with a gap for each of these words."""
    return WORD.sub(lambda found: GAP if _is_one(found[0], gaps) else found[0], text)


def key_term(text: str, names: Sequence[str], around: Sequence[str]) -> str | None:
    """The word of a sentence to ask for: one the course has in its headings, a figure, or the rarest.

    Args:
        text: the sentence.
        names: titles and headings of the course near it.
        around: the texts near it.
    """
    in_names = frozenset(word for name in names for word in words(name))
    held = Counter(word for one in around for word in words(one))
    candidates = [
        word
        for word in dict.fromkeys(WORD.findall(text)[1:])
        if word.casefold() not in COMMON
        and (word[0].isdigit() or (len(word) >= SHORTEST_TERM and not word.endswith("ly")))
    ]
    ranked = sorted(
        candidates, key=lambda word: (stem(word) not in in_names, not word[0].isdigit(), held[stem(word)], -len(word))
    )
    return ranked[0] if ranked else None


def _is_one(word: str, gaps: frozenset[str]) -> bool:
    return stem(word) in gaps and word.casefold() not in COMMON
