"""Questions of a course's bank as cards: those that can be asked without their choices and answered in a few words."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import html

from studium.learning.making.candidate import Candidate, plain
from studium.learning.making.clozes import clozes
from studium.learning.making.language import WORD
from studium.learning.making.material import Source
from studium.learning.making.standing import Sentence, stands_alone
from studium.learning.making.vocabulary import Vocabulary
from studium.learning.questions.records import TRUE, Answer, QuestionRecord

_CHOICES = re.compile(
    r"\b(?:of (?:these|the following)|the following|choose|select|tick|all that apply|which statements?"
    r"|statements? (?:is|are)"
    r"|options?|below|above|except|not (?:true|correct)|figure|diagram|image|picture|graph|shown)\b",
    re.IGNORECASE,
)
_ONE_OF_MANY = re.compile(
    r"(?:name|give) an?\b|which (?:\w+ ){1,3}?(?:(?:is|are|can|may|could|would|has|have)(?: be)? (?:an?|used)\b"
    r"|(?:causes?|shows?|inhibits?|treats?|reduces?|increases?)\b)"
    r"|.*\b(?:one or both|one or more|examples?|any (?:one|two|three)|two names)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Questions that more than one answer fits once the choices are gone."""
_LEFT_OPEN = re.compile(
    r".*\b(?:of|by|the|an?|in|to|from|as|at|on|for|with|than|into|called|between|because)", re.IGNORECASE | re.DOTALL
)
"""Beginnings of a sentence that only one thing ends."""
_CALCULATE = re.compile(
    r"\d.*\d.*\b(?:what|how|calculate|find|estimate)\b|\b(?:calculate|estimate|compute|work out)\b", re.IGNORECASE
)
_MATCH = re.compile(
    r"match (?:each|every|the) (?P<kind>.+?) (?:with|to|and) (?:its|their|the|a)(?: correct)? (?P<what>[^.]+?)\.?",
    re.IGNORECASE,
)
LONGEST_BACK = 14


def questions(record: QuestionRecord, source: Source, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """The cards a question gives: mostly one, of a matching question one a pair."""
    text = shown(record.text)
    if not text or _CHOICES.search(text) or (_CALCULATE.search(text) and record.qtype == "numerical"):
        return
    if record.qtype == "match":
        yield from _pairs(record, text, source)
    elif record.qtype == "truefalse":
        yield from _truth(record, text, source, vocabulary)
    elif record.qtype == "multichoice" and not record.single:
        return
    else:
        yield from _answered(record, text, source)


def shown(text: str) -> str:
    """Markup as the words it shows."""
    if "<" not in text:
        return text.strip()
    return " ".join(html.fragment_fromstring(text, create_parent="div").text_content().split())


def _answered(record: QuestionRecord, text: str, source: Source) -> Iterator[Candidate]:
    right = [answer for answer in record.answers if answer.fraction >= 1]
    names = list(dict.fromkeys(shown(answer.text).strip("*").strip() for answer in right))
    if not names or not names[0] or len(WORD.findall(names[0])) > LONGEST_BACK or "*" in names[0]:
        return
    if _ONE_OF_MANY.match(text) or (not text.endswith(("?", ".")) and not _LEFT_OPEN.fullmatch(text)):
        return
    front = text if text.endswith(("?", ".")) else f"{text} …"
    back = _number(right[0], names[0]) if record.qtype == "numerical" else " or ".join(names[:3])
    yield _card(front, back, source, text)


def _number(answer: Answer, name: str) -> str:
    return f"{name} (±{answer.tolerance:g})" if answer.tolerance else name


def _truth(record: QuestionRecord, text: str, source: Source, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """A false statement with the reason; a true one as a sentence with a gap, since else it is guessed too easily."""
    right = next((answer for answer in record.answers if answer.fraction >= 1), None)
    if right is not None and right.text == TRUE:
        statement = Sentence(text, text, source)
        yield from (replace(card, rule="question") for card in clozes(statement, vocabulary) if stands_alone(statement))
        return
    said = [shown(answer.feedback) for answer in record.answers] + [shown(record.general_feedback)]
    why = next((one for one in said if len(WORD.findall(one)) >= 5), None)  # noqa: PLR2004
    if right is not None and why:
        yield _card(f"True or false, and why? {text}", f"False. {why}", source, text)


def _pairs(record: QuestionRecord, text: str, source: Source) -> Iterator[Candidate]:
    found = _MATCH.fullmatch(text)
    if found is None:
        return
    answers = [shown(pair.answer) for pair in record.pairs]
    for pair, answer in zip(record.pairs, answers, strict=True):
        prompt = shown(pair.prompt)
        if prompt and answer and answers.count(answer) == 1:
            yield _card(f"{prompt} ({found['kind']}): what is its {found['what']}?", answer, source, text)


def _card(front: str, back: str, source: Source, quote: str) -> Candidate:
    return Candidate(plain(front), plain(back), "basic", "question", quote, source, 0.9, ())
