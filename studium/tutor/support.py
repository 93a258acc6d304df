"""Whether a passage says what a sentence of a model's says it says. Words and figures decide, likeness helps.

It is a check of likeness, not of logic: it finds what stands nowhere, not every way in which words can be turned.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studium.content.sentences import sentence_starts
from studium.tutor.sentence_vectors import vectors_of

if TYPE_CHECKING:
    from studium.content.embed import Embedder

ENOUGH_WORDS = 0.75
"""The share of a sentence's own words that is enough where they stand in a passage's nearest sentences."""
SOME_WORDS, ENOUGH_TOGETHER = 0.3, 1.1
"""A smaller share does when it makes so much with the cosine. On tests/tutor/test_support.py 5 of 9 free paraphrases
are supported, and of 12 false sentences the 2 that only put the passage's words together anew: rather marked than
believed."""
WINDOW = 3
"""Neighbouring sentences of a passage that may support one sentence together."""
STEM = 6
_WORD = re.compile(r"[^\W\d_]{3,}")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r"[\u201c\"\u201e]([^\u201c\u201d\"\u201e]{8,})[\u201d\"\u201c]")
_NOT = re.compile(
    r"\b(?:not|no|never|neither|nor|without|cannot|kein\w*|nicht|nie|ohne)\b|n['\u2019]t\b", re.IGNORECASE
)
_COMMON_WORDS = """
about after all also and any are because been before being both but can could did does for from had has have how
into its itself more most much not one only onto other out over said same she should some such than that the their
them then there these they this those through too under until upon very was were what when where which while who why
will with would you your course passage passages says called means aber als auch auf aus bei das dass dem den der
des die durch ein eine einem einen einer eines für hat ist mit nach nicht oder sich sie sind und von war werden wie
wird zum zur über
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Support:
    """The words of a text that come nearest to a sentence, and whether they say what it says."""

    start: int
    end: int
    holds: bool
    share: float


def support(embedder: "Embedder", sentence: str, text: str) -> Support:
    """Hold a sentence against a passage's text."""
    said, windows = _words(sentence), _windows(text)
    if not said or not windows:
        return Support(0, len(text), holds=False, share=0.0)
    shares = [_share(said, text[start:end]) for start, end in windows]
    # of those that hold as many of the words, the shortest
    best = max(range(len(windows)), key=lambda at: (round(shares[at], 2), windows[at][0] - windows[at][1]))
    start, end = windows[best]
    holds = _agrees(sentence, text, text[start:end]) and (
        shares[best] >= ENOUGH_WORDS
        or (
            shares[best] >= SOME_WORDS
            and shares[best] + _likeness(embedder, sentence, text[start:end]) >= ENOUGH_TOGETHER
        )
    )
    return Support(start, end, holds, shares[best])


def is_statement(sentence: str) -> bool:
    """Whether there is anything to support: questions, and words that lead to a list, claim nothing."""
    words = _words(sentence)
    return (
        bool(words)
        and not sentence.rstrip().endswith("?")
        and not (sentence.rstrip().endswith(":") and len(words) < STEM)
    )


def _windows(text: str) -> list[tuple[int, int]]:
    starts = [0, *sentence_starts(text)]
    ends = [*starts[1:], len(text)]
    spans = [
        (starts[first], ends[first + more])
        for first in range(len(starts))
        for more in range(min(WINDOW, len(starts) - first))
    ]
    trimmed = [
        (start + len(text[start:end]) - len(text[start:end].lstrip()), start + len(text[start:end].rstrip()))
        for start, end in spans
    ]
    return [(start, end) for start, end in trimmed if start < end]


def _words(text: str) -> set[str]:
    return {word[:STEM] for word in _WORD.findall(text.casefold()) if word not in _COMMON}


def _share(said: set[str], text: str) -> float:
    there = _words(text)
    return sum(
        word in there or (len(word) == STEM and word[:-1] in {one[: STEM - 1] for one in there}) for word in said
    ) / len(said)


def _agrees(sentence: str, text: str, nearest: str) -> bool:
    """Figures and quoted words stand in the passage, and neither denies what the other says."""
    figures = set(_FIGURE.findall(text))
    plain = " ".join(text.casefold().split())
    return (
        all(figure in figures for figure in _FIGURE.findall(sentence))
        and all(" ".join(quoted.casefold().split()).rstrip(".,;") in plain for quoted in _QUOTED.findall(sentence))
        and bool(_NOT.search(sentence)) == bool(_NOT.search(nearest))
    )


def _likeness(embedder: "Embedder", sentence: str, nearest: str) -> float:
    one, other = vectors_of(embedder, [sentence, nearest]) if sentence != nearest else [[1.0]] * 2
    return float(sum(a * b for a, b in zip(one, other, strict=True)))


def best_of(embedder: "Embedder", sentence: str, texts: Sequence[str]) -> tuple[int, Support] | None:
    """The text that supports a sentence best, and how; None when none does."""
    held = [(at, support(embedder, sentence, text)) for at, text in enumerate(texts)]
    holding = [(at, one) for at, one in held if one.holds]
    return max(holding, key=lambda pair: pair[1].share) if holding else None
