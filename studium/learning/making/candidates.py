"""All the cards a course's material gives by rule: candidates of every kind, those too alike left out, best first."""

from collections.abc import Iterable, Iterator, Sequence

from studium.learning.making.bank import questions
from studium.learning.making.candidate import Candidate
from studium.learning.making.clozes import clozes
from studium.learning.making.definitions import abbreviations, asides, definitions, entries, formulas, points, spelt_out
from studium.learning.making.duplicates import distinct
from studium.learning.making.lists import listed, lists
from studium.learning.making.material import Source
from studium.learning.making.reasons import reasons
from studium.learning.making.standing import Sentence, sentences
from studium.learning.making.tables import cells
from studium.learning.making.vocabulary import Vocabulary
from studium.learning.questions.records import QuestionRecord

RULES = 7
"""The rules' version; whoever changes what they make counts on, and every course is looked through anew."""


def candidates(
    sources: Sequence[Source], bank: Iterable[tuple[QuestionRecord, Source]] = (), vocabulary: Vocabulary | None = None
) -> list[Candidate]:
    """What could be proposed, the best first.

    Args:
        sources: the passages, each once.
        bank: questions of the course, with where they belong.
        vocabulary: of the whole course, when the passages are a part of it.
    """
    said = [(source, list(sentences(source))) for source in sources]
    explained = [card for source, alone in said for card in _explained(source, alone)]
    known = vocabulary or Vocabulary(tuple(sources), frozenset(term for card in explained for term in card.terms))
    found = [card for source, alone in said for card in _of(source, alone, known)]
    asked = [card for record, source in bank for card in questions(record, source, known)]
    return distinct([*explained, *found, *asked])


def _explained(source: Source, alone: Sequence[Sentence]) -> Iterator[Candidate]:
    """What the course says the meaning of: its terms."""
    yield from entries(source)
    yield from points(source)
    yield from asides(source)
    yield from abbreviations(source)
    for sentence in alone:
        yield from spelt_out(sentence)
        if not list(listed(sentence)):
            yield from definitions(sentence)


def _of(source: Source, alone: Sequence[Sentence], vocabulary: Vocabulary) -> Iterator[Candidate]:
    yield from formulas(source)
    yield from lists(source)
    yield from cells(source)
    for sentence in alone:
        yield from _best(sentence, vocabulary)


def _best(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Of a sentence the card that asks best for what it says, and one for a fact that this leaves out."""
    if several := list(listed(sentence)):
        yield from several
        return
    if list(definitions(sentence)):
        return
    why = list(reasons(sentence, vocabulary))
    yield from why
    yield from clozes(sentence, vocabulary, " ".join(card.back for card in why))
