"""Which words are terms of a course: rare in English, named by it, or said together again and again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log

from studium.learning.making.language import WORD, rarity, stem
from studium.learning.making.material import Source

PLAIN = 0.1
"""Up to this rarity a word is everybody's, even where a course has it in its headings."""
_TOGETHER = 3
"""How often two words stand side by side in a course that are a term of it."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of a course's passages."""

    sources: tuple[Source, ...]

    @cached_property
    def _names(self) -> frozenset[str]:
        """Words of what the course has names for: its glossaries' entries and its headings."""
        return frozenset(stem(word) for one in self.sources for word in WORD.findall(f"{one.heading or ''}"))

    @cached_property
    def _pairs(self) -> Counter[tuple[str, str]]:
        return Counter(pair for one in _distinct(self.sources) for pair in pairwise(map(stem, WORD.findall(one))))

    @cached_property
    def _held(self) -> Counter[str]:
        """In how many passages a word stands."""
        return Counter(word for one in _distinct(self.sources) for word in {stem(word) for word in WORD.findall(one)})

    def worth(self, term: str) -> float:
        """From 0 to 1: whether it is a term, and not in every passage of the course."""
        words = WORD.findall(term)
        if not words:
            return 0.0
        rare = max(rarity(word) for word in words)
        named = 0.5 if any(stem(word) in self._names for word in words) and (len(words) > 1 or rare >= PLAIN) else 0.0
        together = 0.55 if any(self._pairs[stem(a), stem(b)] >= _TOGETHER for a, b in pairwise(words)) else 0.0
        return max(rare, named, together) * self._idf(words)

    def _idf(self, words: list[str]) -> float:
        """1 for what few passages have; what nearly all have tells little."""
        share = min(self._held[stem(word)] for word in words) / max(len(_distinct(self.sources)), 1)
        return 1.0 if share < 0.1 else max(0.6, 1.0 + 0.25 * log(0.1 / share))  # noqa: PLR2004


def _distinct(sources: Iterable[Source]) -> list[str]:
    return list(dict.fromkeys(one.text for one in sources))
