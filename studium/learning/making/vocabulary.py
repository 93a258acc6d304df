"""Which words are terms of a course: rare in English, named by it, or said together again and again."""

import re
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
_ALL_OVER = 5
"""In how many passages a phrase of everybody's words stands, or somebody's name, that the course is about."""
_EVERYDAY = 0.35
"""Up to this rarity both halves of a word are everybody's: `foothold`, `wrongdoing`."""
_PREFIXES = frozenset(
    {"semi", "post", "inter", "hyper", "micro", "macro", "trans", "extra", "ultra", "multi", "counter"}
)
_ENDINGS = (
    "ing",
    "ings",
    "ness",
    "ly",
    "y",
    "ies",
    "er",
    "ers",
    "less",
    "ful",
    "able",
    "ed",
    "s",
    "es",
    "ization",
    "ship",
)
_CAPITAL = re.compile(r"[A-Z][^\W\d_A-Z]{2,}")
_INSIDE = re.compile(r"(?<=[a-z,(\u2013-] )[A-Z][^\W\d_A-Z]+|(?<=[-\u2013])[A-Z][^\W\d_A-Z]+")
_BODY = re.compile(r"(?:[A-Z][\w.-]+ (?:(?:of|for|the|and|on|to|in) )*){2,}\((?P<short>[A-Z]{2,6})\)")
"""An office, a firm or a law: every word of its name has a capital."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of a course's passages."""

    sources: tuple[Source, ...]
    explained: frozenset[str] = frozenset()
    """What its sentences say the meaning of."""

    @cached_property
    def _texts(self) -> list[list[str]]:
        """The stems of each text of the course, in their order."""
        return [[stem(word) for word in WORD.findall(text)] for text in _distinct(self.sources)]

    @cached_property
    def _names(self) -> frozenset[str]:
        """Words of what the course has names for: its glossaries' entries and its headings."""
        return frozenset(stem(word) for one in self.sources for word in WORD.findall(f"{one.heading or ''}"))

    @cached_property
    def _pairs(self) -> Counter[tuple[str, str]]:
        return Counter(pair for words in self._texts for pair in pairwise(words))

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
        held = Counter(
            tuple(words[at : at + size]) for words in self._texts for size in (2, 3) for at in range(len(words))
        )
        return frozenset(run for run, count in held.items() if count >= _TOGETHER and len(run) > 1)

    @cached_property
    def _explained(self) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(map(stem, WORD.findall(term))) for term in self.explained)

    @cached_property
    def _passages(self) -> Counter[tuple[str, ...]]:
        """In how many texts of the course up to three words stand side by side."""
        return Counter(
            run for words in self._texts
            for run in {tuple(words[at : at + size]) for size in (1, 2, 3) for at in range(len(words) - size + 1)}
        )  # fmt: skip

    @cached_property
    def _small(self) -> frozenset[str]:
        """Words that the course writes with a small letter somewhere."""
        return frozenset(word for one in _distinct(self.sources) for word in WORD.findall(one) if word[0].islower())

    @cached_property
    def _capital(self) -> frozenset[str]:
        """Words that it writes with a capital inside a sentence."""
        return frozenset(word for one in _distinct(self.sources) for word in _INSIDE.findall(one))

    @cached_property
    def bodies(self) -> frozenset[str]:
        """Abbreviations of offices, firms and laws."""
        return frozenset(found["short"] for one in _distinct(self.sources) for found in _BODY.finditer(one))

    def names_somebody(self, word: str) -> bool:
        """Whether it is a name of a person or a place: with a capital in every place."""
        return bool(_CAPITAL.fullmatch(word)) and word in self._capital and word.casefold() not in self._small

    def names_a_place(self, word: str) -> bool:
        """Whether it is a name that everybody knows, of a country or a person; terms are named after others."""
        return self.names_somebody(word) and rarity(word) < RARE

    def is_named(self, words: Sequence[str]) -> bool:
        """Whether the course has an entry, a heading, a row or an explanation of it, or it is spelt like no other."""
        run = tuple(map(stem, words))
        sign = any(_is_written_as_a_name(word) and word[0].isalpha() and rarity(word) >= RARE for word in words)
        named = sign or run in self._phrases or run in self._explained
        return named and not set(words) & self.bodies

    def is_own(self, words: Sequence[str]) -> bool:
        """Whether it is a term of the subject by its words: none that English at large has, or after somebody."""
        if set(words) & self.bodies or all(map(self.names_somebody, words)):
            return False
        technical = [word[0].isalpha() and _is_technical(word) for word in words]
        return all(technical) or self._is_named_after(words)

    def has_a_term(self, text: str) -> bool:
        """Whether something stands in it that the course says the meaning of, or a word of the subject alone."""
        words = WORD.findall(text)
        runs = (words[at : at + size] for size in (1, 2, 3) for at in range(len(words) - size + 1))
        return any(tuple(map(stem, run)) in self._explained or self.is_own(run) for run in runs)

    def is_said_all_over(self, words: Sequence[str]) -> bool:
        """Whether the course has the phrase in passage after passage."""
        return self._passages[tuple(map(stem, words))] >= _ALL_OVER and not is_light(words[-1])

    def _is_named_after(self, words: Sequence[str]) -> bool:
        """`Starling forces`: a rare name, and a word beside it that is none."""
        return self.names_somebody(words[0]) and rarity(words[0]) >= RARE and not self.names_somebody(words[-1])

    def is_phrase(self, words: Sequence[str]) -> bool:
        """Whether the course has a name of these words, or says them together again and again."""
        run = tuple(map(stem, words))
        return run in self._phrases or (run in self._said_often and not is_light(words[-1]))

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
        run = tuple(map(stem, words))
        whole = 0.75 if run in self._explained or (len(run) > 1 and run in self._phrases) else 0.0
        return max(rare, named, together, whole) * self._idf(words)

    def _idf(self, words: list[str]) -> float:
        """1 for what few passages have; what nearly all have tells little."""
        share = min(self._passages[(stem(word),)] for word in words) / max(len(self._texts), 1)
        return 1.0 if share < 0.1 else max(0.6, 1.0 + 0.25 * log(0.1 / share))  # noqa: PLR2004


def is_light(word: str) -> bool:
    """Whether it is a noun, one or several, that is no term by itself."""
    return not {word.casefold(), word.casefold().removesuffix("s")}.isdisjoint(LIGHT)


def _is_written_as_a_name(word: str) -> bool:
    return len(word) > 1 and any(letter.isupper() or letter.isdigit() for letter in word[1:])


def _is_technical(word: str) -> bool:
    """Whether English at large hardly has it, nor the parts it is made of."""
    return _is_written_as_a_name(word) or any(map(_is_strange, re.split(r"[-\u2013]", word)))


def _is_strange(word: str) -> bool:
    if rarity(word) < VERY_RARE:
        return False
    halves = ((word[:at], word[at:]) for at in range(4, len(word) - 1))
    return not any(
        rarity(first) < _EVERYDAY
        and first.casefold() not in _PREFIXES
        and (rest.casefold() in _ENDINGS or (len(rest) > 2 and rarity(rest) < _EVERYDAY))  # noqa: PLR2004
        for first, rest in halves
    )


def _distinct(sources: Iterable[Source]) -> list[str]:
    return list(dict.fromkeys(one.text for one in sources))
