"""The shape of an answer without a model: a definition, steps, two things side by side, or passages. Pure.

The question's words say which is asked for, the course's own lists and sentences whether it is there. Whatever the
shape, what is quoted stands in the course character for character.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from studium.content.sentences import sentence_starts
from studium.retrieval.quotes import as_quote
from studium.tutor.asked import asks_for_steps, term_of
from studium.tutor.citing import Versions, cite
from studium.tutor.defining import definition
from studium.tutor.evidence import NEAR_BEST, Quote
from studium.tutor.extractive import ANSWERED, UNSURE
from studium.tutor.found import Found
from studium.tutor.open_quizzes import KEPT_BACK
from studium.wire.chat import AnswerPart, ChatAnswer, Citation, Shape

DEFINED = "This is how the course puts it, word for word. Read around it before you rely on it."
LISTED = "The course gives this as a list. These are its own items, in its own order."
COMPARED = (
    "This is what the course says of each, word for word. It is put side by side here; the course may not compare them."
)
FEWEST_ITEMS = 3
_NEXT = re.compile(
    r"(?:first|second|third|fourth|fifth|then|next|after(?:wards| that)?|later|finally|lastly|at last|"
    r"(?:phase|step|stage|class|minute|day) \w+|\(?\d+[.)])\b",
    re.IGNORECASE,
)


@dataclass
class Sheet:
    """Parts as they are put down, with the citations they need."""

    versions: Versions
    parts: list[AnswerPart] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def cite(self, quote: Quote) -> int:
        """The number of a place; the same place has one."""
        for known in self.citations:
            if (known.document_id, known.quote) == (quote.passage.document_id, quote.text):
                return known.number
        number = len(self.citations) + 1
        self.citations.append(cite(number, as_quote(quote.passage, quote.start, quote.end, quote.score), self.versions))
        return number

    def put(self, quote: Quote, texts: Sequence[str] = (), side: str | None = None) -> None:
        """A quote, or pieces of it."""
        number = self.cite(quote)
        for text in texts or [quote.text.strip()]:
            self.parts.append(AnswerPart(text=text, citations=[number], supported=True, made_by="course", side=side))


def shaped(found: Found) -> ChatAnswer:
    """The answer that quotes what was found."""
    sheet = Sheet(found.versions)
    shape, statement = _put(sheet, found)
    return ChatAnswer(
        statement=statement,
        shape=shape,
        parts=sheet.parts,
        citations=sheet.citations,
        read_next=found.readings,
        model=None,
        notices=notices(found),
    )


def notices(found: Found) -> list[str]:
    """What is to be known of what was found."""
    return [KEPT_BACK.format(quiz=found.kept_back)] if found.kept_back else []


def _put(sheet: Sheet, found: Found) -> tuple[Shape, str]:
    """Put the quotes down; what shape they make, and what is said about them."""
    if found.sides:
        for side, quote in found.sides:
            sheet.put(quote, side=side)
        return "comparison", COMPARED
    if not found.quotes:
        return "refusal", found.said.statement
    is_sure = found.said.statement == ANSWERED
    if asks_for_steps(found.said.question) and (listed := _steps(found)):
        sheet.put(*listed)
        return "steps", LISTED if is_sure else UNSURE
    term = term_of(found.said.question)
    defined = definition(term, found.findings.sentences, found.findings.scores) if term else None
    if defined:
        sheet.put(defined)
    for quote in found.quotes:
        if not (defined and _overlap(quote, defined)):
            sheet.put(quote)
    return ("definition", DEFINED) if defined else ("passages", found.said.statement)


def _overlap(one: Quote, other: Quote) -> bool:
    return one.passage.chunk_id == other.passage.chunk_id and one.start < other.end and other.start < one.end


def _steps(found: Found) -> tuple[Quote, list[str]] | None:
    """The list that holds the best of what answers, or follows it, with its items; nothing if there is none."""
    best = max(found.findings.scores)
    for quote in found.quotes:
        if quote.score < NEAR_BEST * best:
            break
        for start, end in _blocks(quote.passage.chunk_text):
            is_there = start < quote.end and quote.start < end
            follows = 0 <= start - quote.end <= len("\n\n") and quote.text.rstrip().endswith(":")
            if (is_there or follows) and (items := items_of(quote.passage.chunk_text[start:end])):
                return replace(quote, start=start, end=end), items
    return None


def _blocks(text: str) -> list[tuple[int, int]]:
    """Where the paragraphs and lists of a text stand."""
    found = re.finditer(r"\S(?:.|\n(?!\n))*", text)
    return [(one.start(), one.start() + len(one[0].rstrip())) for one in found]


def items_of(block: str) -> list[str]:
    """The lines of a list or table, or the sentences of a paragraph that counts them up; fewer than three are none."""
    lines = [line.strip() for line in block.splitlines()]
    items = [line for line in lines if line and " | " not in line]
    if len(lines) < FEWEST_ITEMS:
        starts = [0, *sentence_starts(block)]
        items = [block[start:end].strip() for start, end in zip(starts, [*starts[1:], len(block)], strict=True)]
        if sum(bool(_NEXT.match(item)) for item in items) < FEWEST_ITEMS:
            return []
    return items if len(items) >= FEWEST_ITEMS else []
