"""When two answers could both be right, or one of them tells itself. In doubt they could."""

import re
from collections.abc import Iterable, Sequence

from studium.learning.making.language import stem

_PART = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)?")
_SMALL = frozenset(
    word
    for line in (
        "a an the of and or in on at to for by with from as is are be it its that which not no per than into over",
        "under one two three some any all each other more less most least can may when if",
    )
    for word in line.split()
)
SHORTEST_WORD = 3
TOO_ALIKE = 0.34
"""Shared words of two explanations, of the words of both."""


def parts(text: str) -> frozenset[str]:
    """Beginnings of the words of a text, hyphens taken apart, without the small ones."""
    words = (word for word in _PART.findall(text) if word.casefold() not in _SMALL)
    return frozenset(stem(word) for word in words)


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words, of the words of both."""
    return len(one & other) / len(one | other) if one | other else 0.0


def is_inside(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a name is a wider or narrower form of another: `agonist`, `partial agonist`."""
    return one <= other or other <= one


def tells(shown: frozenset[str], right: str, wrong: Iterable[str]) -> bool:
    """Whether what is shown shares a word with the right answer that no wrong one has."""
    shared = parts(right) & shown
    return bool(shared - frozenset().union(*(parts(one) for one in wrong)))


def stands_out(right: str, wrong: Sequence[str]) -> bool:
    """Whether the right answer is the longest or the shortest by far, which people who do not know it choose."""
    lengths = [len(one) for one in wrong]
    return len(right) > 1.6 * max(lengths) or len(right) < 0.4 * min(lengths)


def placed(question: str, context: str, shown: str) -> str:
    """A question under what its passage is about, unless what is shown says so itself."""
    if not context or parts(context) <= parts(shown):
        return question
    return f"{context}: {question[0].lower()}{question[1:]}"


def capital(text: str) -> str:
    """With a large first letter, so that no option differs from the others by it; symbols stay."""
    first = text.split(" ", maxsplit=1)[0].rstrip(",;:.")
    is_word = first.replace("-", "").isalpha() and first.islower() and (len(first) >= SHORTEST_WORD or first in _SMALL)
    return text[0].upper() + text[1:] if is_word else text
