"""Passages as quotes: word for word, with the place each stands at and the address that opens it there."""

from studium.content.catalogue import open_url
from studium.retrieval.search import Passage
from studium.wire.answers import Quote, Reading


def as_quote(passage: Passage, start: int | None = None, end: int | None = None, score: float | None = None) -> Quote:
    """A passage below its heading, or the part of its chunk from `start` to `end`, with what stands around it there."""
    start = _below_heading(passage) if start is None else start
    end = passage.end_offset if end is None else end
    return Quote(
        text=passage.chunk_text[start:end],
        before=passage.chunk_text[:start].strip(),
        after=passage.chunk_text[end:].strip(),
        chapter=passage.chapter,
        score=passage.score if score is None else score,
        **as_reading(passage).model_dump(exclude={"why"}),
    )


def _below_heading(passage: Passage) -> int:
    text = passage.chunk_text[passage.start_offset : passage.end_offset]
    above, gap, below = text.partition("\n\n")
    is_headed = above == passage.heading and bool(below.strip())
    return passage.start_offset + (len(above + gap) if is_headed else 0)


def as_reading(passage: Passage) -> Reading:
    """Where a passage stands."""
    return Reading(
        document_id=passage.document_id,
        title=passage.title,
        module_name=passage.module_name,
        section_name=passage.section_name,
        page=passage.page,
        page_kind=passage.page_kind,
        heading=passage.heading,
        source_url=passage.source_url,
        open_url=open_url(passage.document_id, passage.media_type, passage.page),
    )
