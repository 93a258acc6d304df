"""Asking back instead of answering, without a model. It compares words with the course's and says so. Pure.

First the learner's own words, then the passage with gaps, then the passage; after that the next thing that answers.
"""

from collections.abc import Sequence

from studium.tutor.citing import Versions
from studium.tutor.cloze import blanked, hidden
from studium.tutor.evidence import Quote
from studium.tutor.extractive import ANSWERED
from studium.tutor.found import Found
from studium.tutor.hinting import DOUBTFUL, place
from studium.tutor.judging import BY_RULE, Comparison, compare, gives_up
from studium.tutor.shaping import Sheet, notices, shaped
from studium.tutor.targets import Expected, target
from studium.tutor.words import words
from studium.wire.chat import AnswerPart, ChatAnswer

NOTHING = " So there is nothing here to ask you about."
TRY = (
    "Before anything is quoted: what would you say? The course answers this in {where}. Write a sentence or two; your "
    "words are compared with the course's."
)
SAID = "You have what the passage says, as far as words tell. "
PART = "You have a part of it. "
OTHER = "The course puts it differently. "
DENIED = "Mind the \u201cnot\u201d: the course and you do not say the same. "
TOLD = "Here is the passage. "
HAS = "Words you share with it: {words}. "
LACKS = "Words of it you did not use: {words}. "
FILL = "Fill the gaps; what you had is left in."
FURTHER = "And the next thing the course says about it. Fill the gaps:"
MOST_SHOWN = 8


def ask(found: Found) -> tuple[ChatAnswer, Expected | None]:
    """The question back, and what is expected."""
    if not found.quotes:
        refused = shaped(found)
        return refused.model_copy(update={"statement": refused.statement + NOTHING}), None
    first, *others = found.targets
    doubt = "" if found.said.statement == ANSWERED else DOUBTFUL
    where = first.passage.heading or first.passage.title
    asked = ChatAnswer(
        statement=doubt + TRY.format(where=f"\u201c{first.passage.section_name or where}\u201d"),
        shape="question", parts=[], citations=[], read_next=[], model=None, notices=notices(found), asks=True,
    )  # fmt: skip
    wanted = words(first.text) - words(found.said.question) or words(first.text)
    expected = Expected(
        kind="words",
        asked=found.said.question,
        target=target(first),
        wanted=sorted(wanted),
        left=[target(other) for other in others],
    )
    return asked, expected


def react(
    expected: Expected, quote: Quote, following: Quote | None, reply: str, versions: Versions
) -> tuple[ChatAnswer, Expected | None]:
    """What a reply has of the passage; then its gaps, or the passage and the next thing that answers."""
    compared = compare(reply, quote.text, frozenset(expected.wanted), expected.asked)
    if expected.kind == "words" and compared.verdict != "says it" and not gives_up(reply):
        return _gaps(expected, quote, compared)
    sheet = Sheet(versions)
    sheet.put(quote)
    shown = ChatAnswer(
        statement=TOLD if gives_up(reply) else judged(compared), shape="judgement", parts=sheet.parts,
        citations=sheet.citations, read_next=[], model=None, notices=[] if gives_up(reply) else [BY_RULE],
    )  # fmt: skip
    if following is None:
        return shown, None
    gaps = hidden(following.text, expected.asked, [quote.text])
    parts = [*shown.parts, ruled(FURTHER), ruled(blanked(following.text.strip(), gaps))]
    further = Expected(
        kind="gaps", asked=expected.asked, target=target(following), wanted=sorted(gaps), left=expected.left[1:]
    )
    return shown.model_copy(update={"parts": parts, "asks": True}), further


def _gaps(expected: Expected, quote: Quote, compared: Comparison) -> tuple[ChatAnswer, Expected]:
    """The passage with gaps; the words the learner had are left in."""
    missing = words(" ".join(compared.lacks))
    gaps = hidden(quote.text, " ".join([expected.asked, *compared.has]), []) & missing or missing
    asked = ChatAnswer(
        statement=judged(compared, tells=False) + FILL,
        shape="question", parts=[ruled(blanked(quote.text.strip(), gaps))], citations=[], read_next=[place(quote)],
        model=None, notices=[BY_RULE], asks=True,
    )  # fmt: skip
    return asked, expected.model_copy(update={"kind": "gaps", "wanted": sorted(gaps)})


def judged(compared: Comparison, *, tells: bool = True) -> str:
    """What a comparison comes to, in words; `tells`: also the words that were missing."""
    verdict = {"says it": SAID, "some": PART, "other": DENIED if compared.denies else OTHER}[compared.verdict]
    has = HAS.format(words=_listed(compared.has)) if compared.has else ""
    lacks = LACKS.format(words=_listed(compared.lacks)) if compared.lacks and tells else ""
    return f"{verdict}{has}{lacks}"


def _listed(found: Sequence[str]) -> str:
    shown = ", ".join(found[:MOST_SHOWN])
    return shown if len(found) <= MOST_SHOWN else f"{shown} and {len(found) - MOST_SHOWN} more"


def ruled(text: str) -> AnswerPart:
    """Words put together by rule."""
    return AnswerPart(text=text, citations=[], supported=None, made_by="rule")
