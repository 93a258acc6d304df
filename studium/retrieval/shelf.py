"""Plain texts as files of a course, cut, embedded and indexed as imported ones are: what measuring retrieval needs.

Files that people bring are read, kept and registered by `studium.content`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from pgvector import HalfVector
from psycopg import Connection

from studium.content.chunk import Chunk, chunk
from studium.content.ingest import embed_named
from studium.content.records import Element, Parsed
from studium.content.spaces import LiveSpace
from studium.content.store import StoredDocument, known_vectors, write_document

BATCH = 256
REGISTER = "insert into content.documents (source, course_id, title) values ('file', %s, %s) returning document_id"
Vectors = Mapping[str, HalfVector]
"""By the passage's sha256."""


@dataclass(frozen=True)
class PlainText:
    """A text with a title, page by page."""

    title: str
    pages: Sequence[str]

    def parsed(self) -> Parsed:
        """As reading a file of it would give."""
        elements = [Element("text", text, page=number) for number, text in enumerate(self.pages, 1)]
        return Parsed("text/plain", elements, len(elements), "page")

    def chunks(self) -> list[Chunk]:
        """As it is read and cited."""
        return chunk(self.parsed(), heading=self.title or None)


def shelve(connection: Connection, space: LiveSpace, course_id: str, texts: Iterable[PlainText]) -> list[UUID]:
    """Make texts searchable to everyone in a course; their documents, in order.

    Args:
        connection: as `studium_pipeline`; nothing is committed here.
        space: the one their vectors lie in.
        course_id: as in `content.documents`.
        texts: what to write.
    """
    made: list[UUID] = []
    for batch in _batches(texts):
        chunked = [text.chunks() for text in batch]
        named = embedded_texts(chunked)
        known = known_vectors(connection, space.space_id, named)
        made += write(connection, space, course_id, batch, known | missing(space, named, known))
    return made


def write(
    connection: Connection, space: LiveSpace, course_id: str, texts: Sequence[PlainText], vectors: Vectors
) -> list[UUID]:
    """`shelve`, with all vectors at hand."""
    made: list[UUID] = []
    for text in texts:
        [(document_id,)] = connection.execute(REGISTER, [course_id, text.title]).fetchall()
        document = StoredDocument(document_id, "file", None, text.title, None, None, None, None)
        if chunks := text.chunks():
            write_document(connection, document, text.parsed(), chunks, {space.space_id: vectors}, None)
        made.append(document_id)
    return made


def embedded_texts(chunked: Iterable[Sequence[Chunk]]) -> dict[str, str]:
    """What is to be embedded, by name."""
    return {passage.sha256: passage.embedded_text for chunks in chunked for one in chunks for passage in one.passages}


def missing(space: LiveSpace, named: Mapping[str, str], known: Vectors) -> dict[str, HalfVector]:
    """Vectors of what is not known yet."""
    return embed_named(space.embedder, {name: text for name, text in named.items() if name not in known})


def _batches(texts: Iterable[PlainText]) -> Iterator[list[PlainText]]:
    left = iter(texts)
    while batch := list(islice(left, BATCH)):
        yield batch
