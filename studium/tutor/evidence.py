"""Which sentences of found passages answer a question, and whether any does: pure rules over texts and numbers.

Finding the passages belongs to `studium.retrieval`, words and vectors to `extractive`.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from math import log

from studium.content.sentences import sentence_starts
from studium.retrieval.search import Passage

LIKENESS, PASSAGE_LIKENESS, IN_SENTENCE, IN_CHUNK = 0.4, 0.4, 0.1, 0.1
"""Weights of a score: how alike sentence and question are, how alike the passage around it and the question, and the
share of the question's words that the sentence, and the chunk around it, speak of. Chosen on tests/tutor: words tell
answered from unanswered where questions are worded like textbooks (area under the curve 0.98), and tell nothing where
students word them (0.59, likeness 0.75)."""
SMALLEST_SCORE = 0.37
"""Of student-worded questions to PHA203 so 81 % of those it answers are answered and 63 % of the others refused; each
hundredth more loses five of the former and gains four of the latter."""
SURE_SCORE = 0.46
"""From here on 85 to 92 % of the unanswered are refused, by set; below, what is quoted may not be an answer."""
NEAR_BEST, BESIDE_BEST = 0.7, 0.8
"""Of the best score, what a sentence must have to be quoted, and one of a chunk that is quoted already: they share half
of their scores."""
WHOLE_PARAGRAPH = 45
"""Words."""
NO_STATEMENT = 0.8
"""What a passage without a sentence to quote (a list of names) is worth, of its likeness."""
MOST_QUOTES = 5
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


def score(likeness: float, around: float, weights: Mapping[str, float], sentence: Set[str], chunk: Set[str]) -> float:
    """How well a sentence answers, from 0 to 1.

    Args:
        likeness: cosine of the question and the sentence in its context.
        around: cosine of the question and the passage.
        weights: what each word of the question counts.
        sentence: lexemes of the sentence in its context.
        chunk: lexemes of the chunk around it and of its titles.
    """
    total = sum(weights.values())
    shares = [sum(weights[word] for word in weights.keys() & said) / (total or 1) for said in (sentence, chunk)]
    return LIKENESS * likeness + PASSAGE_LIKENESS * around + IN_SENTENCE * shares[0] + IN_CHUNK * shares[1]


def distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Without those that say what an earlier one says: a handout that lies in two modules is read once."""
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(" ".join(passage.text.split()), passage)
    return list(first.values())


def by_evidence(passages: Sequence[Passage], sentences: Sequence[Sentence], scores: Sequence[float]) -> list[Passage]:
    """The passages in the order of their best sentences.

    Of a course's questions in tests/tutor the passage that answers is so among the first five in 100, 100 and 96 %; as
    search gives them, in 95, 100 and 91 %.
    """
    best = {
        passage.passage_id: NO_STATEMENT * (LIKENESS + PASSAGE_LIKENESS) * (passage.similarity or 0.0)
        for passage in passages
    }
    for sentence, points in zip(sentences, scores, strict=True):
        name = sentence.passage.passage_id
        best[name] = max(best[name], points)
    return sorted(passages, key=lambda passage: -best[passage.passage_id])


def choose(sentences: Sequence[Sentence], scores: Sequence[float]) -> list[Quote]:
    """At most five quotes, best first; none when the best sentence is not good enough.

    Neighbours become one quote, and a paragraph of few words is quoted whole: a bullet alone, or a sentence that begins
    with "It", says little. One that asks something, as people do in forums, is not.
    """
    best = max(scores, default=0.0)
    quotes: list[Quote] = []
    if best < SMALLEST_SCORE:
        return quotes
    for points, sentence in sorted(zip(scores, sentences, strict=True), key=lambda pair: -pair[0]):
        if points < NEAR_BEST * best:
            break
        is_of_quoted_chunk = any(one.passage.chunk_id == sentence.passage.chunk_id for one in quotes)
        if is_of_quoted_chunk and points < BESIDE_BEST * best:
            continue
        quote = Quote(sentence.passage, *_paragraph(sentence), points)
        beside = next((one for one in quotes if _are_neighbours(one, quote)), None)
        if beside:
            start, end = min(beside.start, quote.start), max(beside.end, quote.end)
            quotes[quotes.index(beside)] = replace(beside, start=start, end=end)
        elif len(quotes) < MOST_QUOTES:
            quotes.append(quote)
    return quotes


def _paragraph(sentence: Sentence) -> tuple[int, int]:
    """Where the sentence's paragraph stands, if it is short and asks nothing; else the sentence."""
    text = sentence.passage.chunk_text
    start = text.rfind("\n\n", 0, sentence.start) + 2 if "\n\n" in text[: sentence.start] else 0
    end = text.find("\n\n", sentence.end)
    paragraph = text[start : end if end >= 0 else len(text)]
    if len(paragraph.split()) > WHOLE_PARAGRAPH or "?" in paragraph:
        return sentence.start, sentence.end
    first = start + len(paragraph) - len(paragraph.lstrip())
    return first, first + len(paragraph.strip())


def _are_neighbours(one: Quote, other: Quote) -> bool:
    if one.passage.chunk_id != other.passage.chunk_id:
        return False
    first, second = sorted((one, other), key=lambda quote: quote.start)
    return first.end >= second.start or not one.passage.chunk_text[first.end : second.start].strip()
