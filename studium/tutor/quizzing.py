"""Asking about a topic, without a model: glossaries' terms, and sentences of the course with a gap. Pure."""

import re
from collections.abc import Iterator, Set

from studium.tutor.citing import Versions
from studium.tutor.cloze import blanked, key_term
from studium.tutor.defining import LONGEST_ENTRY, entry_names
from studium.tutor.evidence import SMALLEST_SCORE, Quote, Sentence
from studium.tutor.found import Found
from studium.tutor.judging import BY_RULE, compare, gives_up, is_term
from studium.tutor.shaping import Sheet, notices
from studium.tutor.socratic import TOLD as SHOWN
from studium.tutor.socratic import judged, ruled
from studium.tutor.targets import Expected, target
from studium.tutor.words import stem, words
from studium.wire.chat import ChatAnswer

TERM = "Which term does the course explain like this?"
GAP = "Which word of the course fills the gap?"
NOTHING = "There is nothing in this course about that to ask you. Name another topic."
ALL_ASKED = "That was all there is to ask about this by rule. Name another topic."
RIGHT = "Right: {terms}."
WRONG = "That is not it. The course has {terms}."
TOLD = "It is {terms}."
SHORTEST, LONGEST = 6, 40
"""Words of a sentence that is worth a gap."""
FORMULA = re.compile(r"[\\$]")
WORTH = 0.6
"""Of the best sentence's score: the rest is about something else."""
Item = tuple[ChatAnswer, Expected]


def ask(found: Found, topic: str, asked: Set[str]) -> tuple[ChatAnswer, Expected | None]:
    """A question about a topic that was not `asked` yet (texts of targets), the best first."""
    items = list(_items(found, topic))
    fresh = next((item for item in items if item[1].target.text not in asked), None)
    if fresh is None:
        return nothing(ALL_ASKED if items else NOTHING, found), None
    return fresh


def judge(expected: Expected, quote: Quote, reply: str, versions: Versions) -> ChatAnswer:
    """Whether a reply is the term, and the sentence it stands in."""
    sheet = Sheet(versions)
    sheet.put(quote)
    return ChatAnswer(
        statement=_judged(expected, quote, reply), shape="judgement", parts=sheet.parts, citations=sheet.citations,
        read_next=[], model=None, notices=[] if gives_up(reply) else [BY_RULE],
    )  # fmt: skip


def _judged(expected: Expected, quote: Quote, reply: str) -> str:
    if expected.kind == "words":
        return (
            SHOWN if gives_up(reply) else judged(compare(reply, quote.text, frozenset(expected.wanted), expected.asked))
        )
    told = TOLD if gives_up(reply) else RIGHT if is_term(reply, expected.wanted) else WRONG
    return told.format(terms=" or ".join(f"\u201c{name}\u201d" for name in expected.wanted))


def _items(found: Found, topic: str) -> Iterator[Item]:
    scored = sorted(zip(found.findings.scores, found.findings.sentences, strict=True), key=lambda one: -one[0])
    best = scored[0][0] if scored else 0.0
    for points, sentence in scored:
        if best < SMALLEST_SCORE or points < WORTH * best:
            return
        quote = Quote(sentence.passage, sentence.start, sentence.end, points)
        item = _term(found, quote, topic) if _is_entry(sentence) else _gap(found, quote, topic)
        if item:
            yield item


def _is_entry(sentence: Sentence) -> bool:
    """Whether it begins a glossary's entry: a short text under its term."""
    text = sentence.passage.chunk_text
    names = entry_names(sentence.passage)
    return len(text.split()) <= LONGEST_ENTRY and text[: sentence.start].strip().casefold() in {
        *names,
        (sentence.passage.heading or "").casefold(),
    } - {""}


def _term(found: Found, quote: Quote, topic: str) -> Item:
    names = entry_names(quote.passage)
    shown = blanked(quote.text, frozenset(word for name in names for word in words(name)))
    return _item(found, TERM, shown, Expected(kind="term", asked=topic, target=target(quote), wanted=names))


def _gap(found: Found, quote: Quote, topic: str) -> Item | None:
    if not SHORTEST <= len(quote.text.split()) <= LONGEST or FORMULA.search(quote.text):
        return None
    passages = found.findings.passages
    names = [f"{one.title} {one.heading or ''}" for one in passages]
    word = key_term(quote.text, names, [one.text for one in passages])
    if word is None:
        return None
    shown = blanked(quote.text, frozenset({stem(word)}))
    return _item(found, GAP, shown, Expected(kind="gaps", asked=topic, target=target(quote), wanted=[word]))


def _item(found: Found, statement: str, shown: str, expected: Expected) -> Item:
    asked = ChatAnswer(
        statement=statement, shape="question", parts=[ruled(shown)], citations=[], read_next=[], model=None,
        notices=notices(found), asks=True,
    )  # fmt: skip
    return asked, expected


def nothing(statement: str = NOTHING, found: Found | None = None) -> ChatAnswer:
    """That there is nothing to ask, with the nearest places."""
    return ChatAnswer(
        statement=statement, shape="refusal", parts=[], citations=[], read_next=found.readings if found else [],
        model=None, notices=notices(found) if found else [],
    )  # fmt: skip
