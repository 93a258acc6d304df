"""Which of a course's sentences says what a term is: a glossary's entry, or a sentence that begins with the term."""

import re
from collections.abc import Sequence

from studium.retrieval.search import Passage
from studium.tutor.evidence import SMALLEST_SCORE, Quote, Sentence, choose

LONGEST_ENTRY = 60
"""Words."""
_SAYS_WHAT = r"(?:\s*\([^)]*\))?\s*(?:,[^,]*,\s*)?(?::|\u2013|\b(?:is|are|means|refers to|describes|denotes)\b)"


def definition(term: str, sentences: Sequence[Sentence], scores: Sequence[float]) -> Quote | None:
    """The quote that defines a term, if one of the sentences does."""
    says_what = re.compile(rf"(?:(?:the|an?)\s+)?{re.escape(term)}s?{_SAYS_WHAT}", re.IGNORECASE)
    found = [
        (is_entry(sentence.passage, term), points, sentence)
        for sentence, points in zip(sentences, scores, strict=True)
        if points >= SMALLEST_SCORE and (is_entry(sentence.passage, term) or says_what.match(sentence.text))
    ]
    if not found:
        return None
    _, points, sentence = max(found, key=lambda one: one[:2])
    return next(iter(choose([sentence], [points])), None)


def is_entry(passage: Passage, term: str) -> bool:
    """Whether the passage is a short text under this very name, as in a glossary."""
    return len(passage.chunk_text.split()) <= LONGEST_ENTRY and term.strip().casefold() in entry_names(passage)


def entry_names(passage: Passage) -> list[str]:
    """What an entry is called: its title, and other names in its heading."""
    names = [passage.title, *(passage.heading or "").split(";")]
    return list(dict.fromkeys(name.strip().casefold() for name in names if name.strip()))
