"""Which words are terms of a course: rare in English, named by it, or said together again and again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log

from studium.learning.making.language import WORD, rarity, stem
from studium.learning.making.material import Source

_LIGHT_WORDS = """
ability account activity addition advantage aim amount approach area aspect basis bit case cause chance change
choice class combination common component concept condition consequence context degree difference direction effect
element end event evidence example existence extent fact factor feature form function goal group half high idea
importance increase decrease influence information instance interest kind lack level likelihood loss low majority
manner means measure method minimum maximum nature need notion number object order outcome part people period person
place point position presence problem process product property proportion purpose quality quantity question range
rate reason relation relationship rest result rise fall role rule sense set share side sign situation size sort
source stage start state step structure subject support system task term thing time tool top total trend type unit
use value variety version way whole work world year most each other response
"""
LIGHT = frozenset(_LIGHT_WORDS.split())
"""Nouns that are no term by themselves."""
PLAIN = 0.1
"""Up to this rarity a word is everybody's, even where a course has it in its headings."""
RARE, VERY_RARE = 0.42, 0.9
"""How rare a noun is that is a term by itself, and a word that makes one of the noun after it."""
_TOGETHER = 2
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

    @cached_property
    def _phrases(self) -> frozenset[tuple[str, ...]]:
        """What the course has names for, as a whole: entries, headings, and what its tables' rows are called."""
        names = [name for one in self.sources if one.heading for name in one.heading.split(";")]
        names += [value for one in self.sources for rows in one.tables for row in rows for _, value in row.cells[:1]]
        names += [head for one in self.sources for rows in one.tables for head, _ in rows[0].cells]
        return frozenset(tuple(map(stem, WORD.findall(name))) for name in names)

    @cached_property
    def _said_often(self) -> frozenset[tuple[str, ...]]:
        """Two or three words side by side in more than one text of the course."""
        texts = [[stem(word) for word in WORD.findall(text)] for text in _distinct(self.sources)]
        held = Counter(tuple(words[at : at + size]) for words in texts for size in (2, 3) for at in range(len(words)))
        return frozenset(run for run, count in held.items() if count >= _TOGETHER and len(run) > 1)

    def is_phrase(self, words: Sequence[str]) -> bool:
        """Whether the course has a name of these words, or says them together again and again."""
        run = tuple(map(stem, words))
        return run in self._phrases or (run in self._said_often and words[-1].casefold() not in LIGHT)

    def is_term(self, words: Sequence[str]) -> bool:
        """Whether it is the name of something, and not a phrase that could as well be another."""
        head = words[-1]
        if any(_is_written_as_a_name(word) for word in words) or self.is_phrase(words):
            return True
        if rarity(head) >= RARE:
            return True
        return len(words) > 1 and rarity(words[-2]) >= VERY_RARE

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


def _is_written_as_a_name(word: str) -> bool:
    return len(word) > 1 and any(letter.isupper() or letter.isdigit() for letter in word[1:])


def _distinct(sources: Iterable[Source]) -> list[str]:
    return list(dict.fromkeys(one.text for one in sources))
