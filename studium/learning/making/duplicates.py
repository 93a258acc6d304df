"""Which of several cards that ask the same stays: the best one of those that explain a term, or say alike."""
# ruff: noqa: RUF001 - Greek letters are spelt out here

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studium.learning.making.candidate import Candidate
from studium.learning.making.language import WORD, rarity, stem, stems

ALIKE = 0.8
"""Of the words of two cards, question and answer together, this share in common: one fact asked twice."""
SAME_ANSWER, SAME_QUESTION = 0.6, 0.5
"""Shares of the words of answers, and then of questions, that are enough when both are reached."""
ASKED_FOR_IT = 0.4
"""The share of the words of questions that is enough where the answer is the very same."""
SHORT = 3
SPECIFIC = 0.4
"""How rare an answer's word is that two cards with a name in common hardly share by chance."""
_EXPLAINING = frozenset({"glossary", "definition", "abbreviation", "point"})
_SPELT = str.maketrans({"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "μ": "mu", "µ": "mu"})
# by their stems
_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12", "sixtee": "16", "twenty": "20", "hundre": "100", "thousa": "1000",
}  # fmt: skip
_ABOVE = re.compile(r"^\*[^*\n]*\*\n\n")
_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Said:
    """What a card says, in stems: what it asks, what answers it, and the names among what it asks."""

    quote: str
    asked: frozenset[str]
    answer: frozenset[str]
    names: frozenset[str]
    short: frozenset[str] = frozenset()
    """Abbreviations in the question."""
    amounts: frozenset[str] = frozenset()
    """The answer's figures, whatever their unit."""

    @property
    def whole(self) -> frozenset[str]:
        """Both sides."""
        return self.asked | self.answer


def distinct(candidates: Iterable[Candidate], known: Sequence[Said] = ()) -> list[Candidate]:
    """The candidates without those that ask what a better one does, best first.

    Args:
        candidates: in any order.
        known: what cards that exist already say.
    """
    kept: list[Candidate] = []
    saying = list(known)
    terms: set[str] = set()
    for one in sorted(candidates, key=lambda one: (-one.score, one.front, one.back)):
        own = said(one)
        names = {_name(term) for term in one.terms if one.rule in _EXPLAINING}
        # what two sentences leave out by the same name is mostly the same fact, or fits both no better than others
        names |= {f"gap: {_name(term)}" for term in one.terms if one.rule == "cloze" and not re.search(r"\d", term)}
        others = known if one.rule == "glossary" else saying  # entries differ by their terms, alike as they may sound
        if names & terms or any(_is_same(own, other) for other in others):
            continue
        kept.append(one)
        saying.append(own)
        terms |= names
    return kept


def said(candidate: Candidate) -> Said:
    """What a candidate says."""
    # rows of one table are alike in words, and each asks for something else
    place = candidate.source.text if candidate.rule == "table" else candidate.quote
    return said_by(candidate.shown, candidate.answer, place)


def said_by(front: str, answer: str, quote: str) -> Said:
    """What a card says, gaps left open."""
    asked = _BRACKETS.sub(" ", _ABOVE.sub("", front))
    names = frozenset(stem(word) for word in WORD.findall(asked) if len(word) > 3 and rarity(word) >= 1)  # noqa: PLR2004
    short = frozenset(word for word in WORD.findall(asked) if word.isupper() and len(word) > 1)
    return Said(quote, _stems(asked) - _ASKING, _stems(answer) - _ASKING, names, short, _amounts(answer))


def _is_same(one: Said, other: Said) -> bool:
    if one.asked == other.asked and (one.answer == other.answer or one.quote != other.quote):
        return True  # where two answers are given to one question, neither is the one that fits
    if one.quote == other.quote:
        return False  # gaps of one sentence, cells of one row: each asks for something else
    if _share(one.whole, other.whole) >= ALIKE:
        return True
    if (one.answer == other.answer and _asks_for_one(one, other)) or _gives_one_range(one, other):
        return True
    figures = any(word.isdigit() for word in one.answer | other.answer)
    answers = float(one.answer == other.answer) if figures else _share(one.answer, other.answer)
    return answers >= SAME_ANSWER and _share(one.asked, other.asked) >= SAME_QUESTION


def _asks_for_one(one: Said, other: Said) -> bool:
    """Whether two questions with one answer are after one thing: they say alike, or the answer is a name of its own."""
    if one.names & other.names and any(_is_specific(word) for word in one.answer):
        return True
    shared = one.asked & other.asked
    named = len(one.answer) > 1 and all(rarity(word) >= SPECIFIC for word in one.answer)
    return _share(one.asked, other.asked) >= ASKED_FOR_IT or (named and any(len(word) > SHORT for word in shared))


def _gives_one_range(one: Said, other: Said) -> bool:
    return one.amounts == other.amounts != frozenset() and bool((one.names | one.short) & (other.names | other.short))


def _amounts(text: str) -> frozenset[str]:
    """The figures of an answer without their powers of ten: 0.12 s and 120 ms are one. Only where it has several."""
    found = re.findall(r"\d+(?:[.,]\d+)?", text)
    bare = frozenset(re.sub(r"[.,]", "", figure).strip("0") for figure in found)
    return bare if len(found) > 1 else frozenset()


def _is_specific(word: str) -> bool:
    return any(letter.isdigit() for letter in word) or rarity(word) >= SPECIFIC


def _stems(text: str) -> frozenset[str]:
    spelt = re.sub(r"(?<=[a-z])-?(?=\d)", " ", text.translate(_SPELT))
    return frozenset(_NUMBERS.get(word, word) for word in stems(spelt)) | frozenset(re.findall(r"\b\d\b", spelt))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _name(text: str) -> str:
    return " ".join(stem(word) for word in WORD.findall(text))


_ASKING = stems(
    "what is are meant by given as which why does do the an of and in to also stand for characterises it its"
)
_ASKING |= stems("with course give say on at from that be was how when name its their there true false because into")
