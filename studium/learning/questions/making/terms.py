"""Questions about terms a course explains: which term, which explanation, the term typed, and terms to be matched."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from itertools import islice

from studium.learning.making.language import WORD
from studium.learning.questions.making.alike import TOO_ALIKE, capital, is_inside, overlap, parts, stands_out, tells
from studium.learning.questions.making.entries import Entry
from studium.learning.questions.making.made import Made, choice, cited, matching
from studium.learning.questions.records import Answer, QuestionRecord

WRONG = 3
SHORTEST_NAME = 4
PAIRS = (3, 5)
NEAR_WORDS = 10
"""What shared words of explanations weigh against a place that is shared."""
NAMED = "<p>Which term does the course explain like this?</p><blockquote><p>{meaning}</p></blockquote>"
MEANT = "<p>What does the course say \u201c{name}\u201d is?</p>"
TYPED = (
    "<p>Which term does the course explain like this? It {shape} and begins with \u201c{first}\u201d.</p>"
    "<blockquote><p>{meaning}</p></blockquote>"
)
MATCHED = "<p>Put each explanation to its term.</p>"


def about_terms(wanted: Sequence[Entry], known: Sequence[Entry]) -> Iterator[Made]:
    """Questions about the wanted terms; wrong answers come from all that are known."""
    for entry in wanted:
        others = _others(entry, known)
        yield from _named(entry, others)
        yield from _meant(entry, others)
        yield from _typed(entry)
    yield from _matched(wanted)


def _others(entry: Entry, known: Sequence[Entry]) -> list[Entry]:
    """Other terms that surely are not this one, those that stand nearest first."""
    fit = [other for other in known if not _could_be(entry, other)]
    return sorted(
        fit, key=lambda other: (-_nearness(entry, other), sha256(f"{entry.name} {other.name}".encode()).digest())
    )


def _nearness(entry: Entry, other: Entry) -> float:
    """How much two terms belong to one subject, by where they stand and what they are explained with."""
    here, there = entry.source, other.source
    places = ("heading", "chapter", "document_id", "title", "topic_id")
    same = [bool(getattr(here, place) == getattr(there, place)) for place in places]
    same.append(entry.is_glossary == other.is_glossary)
    return sum(same) + NEAR_WORDS * overlap(_words(entry), _words(other))


def _could_be(entry: Entry, other: Entry) -> bool:
    own, theirs = _words(entry), _words(other)
    return (
        other is entry
        or any(is_inside(parts(one), parts(two)) for one in entry.names for two in other.names)
        or overlap(own, theirs) >= TOO_ALIKE
        or _mentions(entry.meaning, other)
        or _mentions(other.meaning, entry)
        or entry.is_plural != other.is_plural
    )


def _mentions(text: str, entry: Entry) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) for name in entry.names)


def _words(entry: Entry) -> frozenset[str]:
    return parts(entry.meaning)


def _worth(entry: Entry, extra: float = 0.0) -> float:
    return min(1.0, (0.8 if entry.is_glossary else 0.6) + extra)


def _named(entry: Entry, others: Sequence[Entry]) -> Iterator[Made]:
    wrong = list(islice((capital(other.name) for other in others), WRONG))
    right = capital(entry.name)
    if len(wrong) < WRONG or tells(_words(entry), " ".join(entry.names), wrong):
        return
    text = NAMED.format(meaning=escape(capital(entry.meaning), quote=False))
    record = choice(f"Term: {entry.name}", text, right, wrong, text)
    yield Made(cited(record, entry.quote), "term", "easy", entry.source, entry.quote, parts(entry.name), _worth(entry))


def _meant(entry: Entry, others: Sequence[Entry]) -> Iterator[Made]:
    asked = parts(" ".join(entry.names))
    fit = [capital(other.meaning) for other in others if not asked & _words(other)]
    right = capital(entry.meaning)
    wrong = sorted(fit[: 2 * WRONG], key=lambda one: abs(len(one) - len(right)))[:WRONG]
    if len(wrong) < WRONG or asked & _words(entry) or stands_out(right, wrong):
        return
    text = MEANT.format(name=escape(entry.name, quote=False))
    record = choice(f"Meaning: {entry.name}", text, right, wrong, text)
    yield Made(
        cited(record, entry.quote),
        "meaning",
        "medium",
        entry.source,
        entry.quote,
        parts(entry.name),
        _worth(entry, 0.1),
    )


def _typed(entry: Entry) -> Iterator[Made]:
    """The first letter and the number of words leave one term, where the course has not said all its names."""
    words = WORD.findall(entry.name)
    if (
        tells(_words(entry), " ".join(entry.names), ())
        or not entry.name[0].isalpha()
        or len(entry.name) < SHORTEST_NAME
    ):
        return
    shape = "is one word" if len(words) == 1 else f"has {len(words)} words"
    text = TYPED.format(shape=shape, first=entry.name[0].upper(), meaning=escape(capital(entry.meaning), quote=False))
    answers = tuple(Answer(name, 1.0) for name in _spellings(entry.names))
    record = QuestionRecord("shortanswer", f"Name: {entry.name}", text, answers)
    yield Made(
        cited(record, entry.quote), "typed_term", "hard", entry.source, entry.quote, parts(entry.name), _worth(entry)
    )


def _spellings(names: Sequence[str]) -> list[str]:
    """With and without hyphens."""
    ways = [way for name in names for way in (name, re.sub(r"[-\u2010-\u2013]", " ", name))]
    return list(dict.fromkeys(re.sub(r"\s+", " ", way).strip() for way in ways))


def _matched(wanted: Sequence[Entry]) -> Iterator[Made]:
    """Terms that are surely not each other's, as one question."""
    group: list[Entry] = []
    for entry in wanted:
        if not any(_could_be(entry, other) for other in group) and not tells(_words(entry), " ".join(entry.names), ()):
            group.append(entry)
    for start in range(0, len(group) - PAIRS[0] + 1, PAIRS[1]):
        chosen = group[start : start + PAIRS[1]]
        pairs = [(capital(one.meaning), capital(one.name)) for one in chosen]
        record = matching(f"Match: {', '.join(one.name for one in chosen)}", MATCHED, pairs)
        quote = " ".join(one.quote for one in chosen)
        about = frozenset[str]().union(*(parts(one.name) for one in chosen))
        yield Made(cited(record, quote), "match", "medium", chosen[0].source, chosen[0].quote, about, _worth(chosen[0]))
