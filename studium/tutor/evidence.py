"""Which sentences of found passages answer a question, and whether any does: pure rules over texts and numbers.

Finding the passages belongs to `studium.retrieval`, words and vectors to `extractive`.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from math import log

from studium.content.sentences import sentence_starts
from studium.retrieval.search import Passage

LIKENESS, IN_SENTENCE, IN_CHUNK = 0.6, 0.2, 0.2
"""Weights of a score: how alike sentence and question are, and the share of the question's words that the sentence,
and the chunk around it, speak of. On the questions of tests/tutor likeness alone tells answered from unanswered with an
area under the curve of 0.87 (CVS201) and 0.97 (PHA203), this with 0.975 and 0.996."""
SMALLEST_SCORE = 0.46
"""As strict as can be without losing an answer on CVS201."""
NEAR_BEST = 0.85
MOST_QUOTES = 3
FEWEST_WORDS = 3
_TASK = re.compile(
    r"^(?:\W|\d)*(?:calculate|compare|define|describe|discuss|draw|explain|list|outline|predict|read|recognise|"
    r"recognize|see also|state|write)\b",
    re.IGNORECASE,
)
_ASKING = """
actual answer ask becom call caus come defin describ differ do explain find get give go happen help high keep kind know
let like list long low make made mani mean much name need occur one person peopl play provid relat repres role say see
show state take taken tell term thing time type understand use want way well word work
"""
ASKING = frozenset(_ASKING.split())
"""Lexemes of asking rather than of what is asked: that a text lacks them says nothing about it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage; offsets are in the chunk's text."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """Word for word."""
        return self.passage.chunk_text[self.start : self.end]

    @property
    def in_context(self) -> str:
        """With the heading it stands under, without which a line of a slide says little."""
        heading = self.passage.heading
        return f"{heading}\n{self.text}" if heading and heading not in self.text else self.text


@dataclass(frozen=True, slots=True)
class Quote:
    """Neighbouring sentences that answer, as one stretch of a chunk's text."""

    passage: Passage
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """Word for word."""
        return self.passage.chunk_text[self.start : self.end]


def sentences_of(passages: Sequence[Passage]) -> list[Sentence]:
    """The statements of the passages: no headings, questions or tasks, and nothing twice."""
    seen: set[str] = set()
    found: list[Sentence] = []
    for passage in passages:
        starts = [0, *sentence_starts(passage.text)]
        for start, end in zip(starts, [*starts[1:], len(passage.text)], strict=True):
            text = passage.text[start:end].strip()
            key = " ".join(text.casefold().split())
            if key not in seen and _is_statement(text, passage):
                seen.add(key)
                first = passage.start_offset + passage.text.index(text, start)
                found.append(Sentence(passage, first, first + len(text)))
    return found


def _is_statement(text: str, passage: Passage) -> bool:
    if text.endswith("?") or _TASK.match(text) or len(text.split()) < FEWEST_WORDS:
        return False
    return text.casefold() not in {(title or "").strip().casefold() for title in (passage.heading, passage.title)}


def weigh(asked: Set[str], passages: Sequence[Set[str]]) -> dict[str, float]:
    """What each word of a question counts: the rarer it is in the passages found, the more it is what was asked.

    A word that all of them hold is why they were found; one that none of them holds is what they do not answer.

    Args:
        asked: lexemes of the question.
        passages: lexemes of each passage's surroundings.
    """
    holders = {word: sum(word in passage for passage in passages) for word in asked - ASKING or asked}
    return {word: log(1 + (len(passages) - held + 0.5) / (held + 0.5)) for word, held in holders.items()}


def score(likeness: float, weights: Mapping[str, float], sentence: Set[str], chunk: Set[str]) -> float:
    """How well a sentence answers, from 0 to 1.

    Args:
        likeness: cosine of the question and the sentence in its context.
        weights: what each word of the question counts.
        sentence: lexemes of the sentence in its context.
        chunk: lexemes of the chunk around it and of its titles.
    """
    total = sum(weights.values())
    shares = [sum(weights[word] for word in weights.keys() & said) / (total or 1) for said in (sentence, chunk)]
    return LIKENESS * likeness + IN_SENTENCE * shares[0] + IN_CHUNK * shares[1]


def choose(sentences: Sequence[Sentence], scores: Sequence[float]) -> list[Quote]:
    """At most three quotes, best first; none when no sentence is good enough. Neighbours become one quote."""
    best = max(scores, default=0.0)
    quotes: list[Quote] = []
    for points, sentence in sorted(zip(scores, sentences, strict=True), key=lambda pair: -pair[0]):
        if points < max(SMALLEST_SCORE, NEAR_BEST * best):
            break
        beside = next((quote for quote in quotes if _are_neighbours(quote, sentence)), None)
        if beside:
            start, end = min(beside.start, sentence.start), max(beside.end, sentence.end)
            quotes[quotes.index(beside)] = replace(beside, start=start, end=end)
        elif len(quotes) < MOST_QUOTES:
            quotes.append(Quote(sentence.passage, sentence.start, sentence.end, points))
    return quotes


def _are_neighbours(quote: Quote, sentence: Sentence) -> bool:
    if quote.passage.chunk_id != sentence.passage.chunk_id:
        return False
    between = sorted((quote.start, quote.end, sentence.start, sentence.end))[1:3]
    return not quote.passage.chunk_text[slice(*between)].strip()
