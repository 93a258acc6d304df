"""The ladder of hints without a model: what to think of, where to look, the passage with gaps, the answer. Pure."""

from studium.retrieval.quotes import as_reading
from studium.tutor.cloze import blanked, hidden
from studium.tutor.evidence import Quote
from studium.tutor.extractive import ANSWERED
from studium.tutor.found import Found
from studium.tutor.shaping import notices, shaped
from studium.tutor.words import named, words
from studium.wire.answers import Reading
from studium.wire.chat import AnswerPart, ChatAnswer

NUDGE, POINTER, WORKED, ANSWER = 1, 2, 3, 4
NOTHING = " So there is nothing here to hint at."
DOUBTFUL = "The course may not answer this; the hints lead to what comes nearest. "
THINK = "Think first: your question turns on {terms}. What do you know of {them}?"
SECTION = " What the course says about it lies in \u201c{section}\u201d."
LOOK = "This is where to look. Read it with your question in mind before you ask for more."
GAPS = "This is the passage, with the words that answer left out. Fill the gaps, then compare."
HERE = "What answers your question stands here."
MOST_TERMS = 5


def hint(found: Found, rung: int) -> ChatAnswer:
    """The hint of a rung, 1 to 4. Up to the third nothing in it, citations included, holds the words that answer."""
    if not found.quotes:
        refused = shaped(found)
        return refused.model_copy(update={"statement": refused.statement + NOTHING})
    if rung >= ANSWER:
        return shaped(found)
    quote = found.targets[0]
    doubt = "" if found.said.statement == ANSWERED else DOUBTFUL
    if rung == NUDGE:
        return bare(found, doubt + nudge(found.said.question, quote))
    if rung == POINTER:
        return bare(found, doubt + LOOK, readings=[place(quote)])
    text = blanked(quote.text.strip(), gaps_of(found))
    part = AnswerPart(text=text, citations=[], supported=None, made_by="rule")
    return bare(found, doubt + GAPS, [part], [place(quote)])


def nudge(question: str, quote: Quote) -> str:
    """What to think of, and the section to look in, without the words that answer."""
    terms = [f"\u201c{term}\u201d" for term in named(question, words(question))[:MOST_TERMS]]
    joined = (
        terms[0]
        if len(terms) == 1
        else f"{', '.join(terms[:-1])} and {terms[-1]}"
        if terms
        else "words that say little"
    )
    where = quote.passage.section_name or quote.passage.module_name
    return THINK.format(terms=joined, them="each, and of how they hang together" if len(terms) > 1 else "it") + (
        SECTION.format(section=where) if where else ""
    )


def gaps_of(found: Found) -> frozenset[str]:
    """The words that answer, of the best quote."""
    return hidden(found.targets[0].text, found.said.question, [one.text for one in found.findings.passages])


def place(quote: Quote) -> Reading:
    """Where the best quote stands."""
    return as_reading(quote.passage).model_copy(update={"why": HERE})


def bare(
    found: Found, statement: str, parts: list[AnswerPart] | None = None, readings: list[Reading] | None = None
) -> ChatAnswer:
    """A hint: it cites nothing, for a citation holds the words."""
    return ChatAnswer(
        statement=statement, shape="hint", parts=parts or [], citations=[], read_next=readings or [], model=None,
        notices=notices(found),
    )  # fmt: skip
