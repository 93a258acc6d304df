"""Passages as quotes: word for word, with the place each stands at and the address that opens it there."""

from studium.content.catalogue import open_url
from studium.retrieval.search import Passage
from studium.wire.answers import Quote


def as_quote(passage: Passage) -> Quote:
    """A passage with what stands around it in its chunk."""
    return Quote(
        document_id=passage.document_id,
        text=passage.text,
        before=passage.chunk_text[: passage.start_offset].strip(),
        after=passage.chunk_text[passage.end_offset :].strip(),
        title=passage.title,
        module_name=passage.module_name,
        section_name=passage.section_name,
        page=passage.page,
        page_kind=passage.page_kind,
        chapter=passage.chapter,
        heading=passage.heading,
        source_url=passage.source_url,
        open_url=open_url(passage.document_id, passage.media_type, passage.page),
        score=passage.score,
    )
