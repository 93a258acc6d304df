"""What to read next, and why there: pure rules over what was found."""

from collections.abc import Sequence
from uuid import UUID

from studium.retrieval.quotes import as_reading
from studium.retrieval.search import Passage
from studium.tutor.evidence import Quote
from studium.tutor.words import named, words
from studium.wire.answers import Reading

READINGS = 3
MOST_NAMED = 3


def readings(question: str, passages: Sequence[Passage], quotes: Sequence[Quote]) -> list[Reading]:
    """The best places that were not quoted, one a document, each with its reason."""
    taken: set[UUID] = {quote.passage.document_id for quote in quotes}
    found: list[Reading] = []
    for passage in passages:
        if passage.document_id not in taken and len(found) < READINGS:
            taken.add(passage.document_id)
            found.append(as_reading(passage).model_copy(update={"why": why(question, passage, quotes)}))
    return found


def why(question: str, passage: Passage, quotes: Sequence[Quote]) -> str:
    """Why a place is worth reading for a question, in one sentence."""
    asked = words(question)
    if in_title := named(f"{passage.heading or ''} {passage.title}", asked):
        return f"It is about {_listed(in_title)}."
    if in_text := named(passage.text, asked):
        return f"It speaks of {_listed(in_text)} too."
    if quotes and passage.section_id and passage.section_id == quotes[0].passage.section_id:
        return f"It stands in the same section, {passage.section_name}."
    return "It is the next nearest to your question."


def _listed(names: Sequence[str]) -> str:
    shown = [f"\u201c{name}\u201d" for name in names[:MOST_NAMED]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
