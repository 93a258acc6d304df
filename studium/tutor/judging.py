"""What a learner wrote, held against the course's words. By rule: it compares words and understands nothing. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from studium.tutor.words import WORD, named, words

BY_RULE = "Judged by rule, not by a person: only words are compared."
ENOUGH = 0.6
"""The share of a passage's own words from which on a reply in one's own words says what it says."""
SOME = 0.3
SENTENCE = 5
"""Words from which on a reply is more than a list of words, and can deny something."""
MOST_MORE = 3
"""Words a reply may have beside a term: a list of guesses names nothing."""
SHORTEST_MISSPELT = 6
_DENIES = re.compile(r"\b(?:not|no|never|neither|nor|without|cannot)\b|n['\u2019]t\b", re.IGNORECASE)
_GIVES_UP = re.compile(
    r"^\W*(?:i (?:really )?(?:do not|don['\u2019]?t|have no) (?:know|idea)|no idea|dunno|idk|"
    r"(?:just )?(?:show|tell) me|i give up|give up|pass|\?+)\b.*$|^\W*$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of a passage's own words a reply has."""

    has: tuple[str, ...]
    lacks: tuple[str, ...]
    denies: bool = False
    """Both speak of the same, and one of them says "not"."""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return len(self.has) / (len(self.has) + len(self.lacks) or 1)

    @property
    def verdict(self) -> Literal["says it", "some", "other"]:
        """Whether the reply says what the passage says, as far as words tell."""
        if self.denies or self.share < SOME:
            return "other"
        return "says it" if self.share >= ENOUGH else "some"


def gives_up(reply: str) -> bool:
    """Whether a reply asks to be told."""
    return bool(_GIVES_UP.match(reply))


def compare(reply: str, passage: str, wanted: frozenset[str], asked: str) -> Comparison:
    """Hold a reply against those words of a passage that are wanted.

    Where the question `asked` itself denies something ("why is it not ..."), a "not" tells nothing about the reply.
    """
    said = words(reply)
    plain = Comparison(tuple(named(passage, wanted & said)), tuple(named(passage, wanted - said)))
    are_opposed = bool(_DENIES.search(reply)) != bool(_DENIES.search(passage)) and not _DENIES.search(asked)
    return replace(plain, denies=are_opposed and plain.share >= SOME and len(reply.split()) >= SENTENCE)


def is_term(reply: str, answers: Sequence[str]) -> bool:
    """Whether a reply names one of the terms, give or take an ending or one letter of a long word."""
    said = _words(reply)
    if _DENIES.search(reply):
        return False
    return any(
        bool(term)
        and len(said) <= len(term) + MOST_MORE
        and all(any(_same(one, word) for word in said) for one in term)
        for term in map(_words, answers)
    )


def _words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)] or text.casefold().split()


def _same(one: str, other: str) -> bool:
    if one == other or one[0].isdigit() or other[0].isdigit():
        return one.replace(",", ".") == other.replace(",", ".")
    if one.rstrip("s") == other.rstrip("s"):
        return True
    return min(len(one), len(other)) >= SHORTEST_MISSPELT and _one_off(one, other)


def _one_off(one: str, other: str) -> bool:
    """Whether one letter was changed, left out, added, or swapped with its neighbour."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    swapped = one[:at] + one[at + 1 : at + 2] + one[at : at + 1] + one[at + 2 :]
    return swapped == other or one[at + 1 :] in {other[at:], other[at + 1 :]} or one[at:] == other[at + 1 :]
