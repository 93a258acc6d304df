"""Search as a person: passages with what a citation needs.

Permission, ranking and fusion are `content.search`'s (migrations 0004 and 0017); composing an answer is
`studium.tutor`'s.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from pgvector import HalfVector
from psycopg import Connection
from psycopg.rows import class_row

if TYPE_CHECKING:
    from studium.content.embed import Embedder

SQL = """
select
    passage_id, chunk_id, document_id, score, similarity, lexical_score,
    passage_text as text, start_offset, end_offset, chunk_text,
    page, page_kind, chapter, heading, title, filename, media_type, source, source_url,
    course_id, module_id, module_name, section_id, section_name
from content.search(
    %(vector)s::halfvec,
    (
        select s.space_id from content.spaces as s
        where s.status = 'active' and (s.model, s.dimension, s.version) = (%(model)s, %(dimension)s, %(version)s)
    ),
    %(query)s,
    course => %(course_id)s,
    wanted => %(limit)s
)
"""
LARGEST_LIMIT = 50
LONGEST_QUERY = 2000
"""Characters; what is longer is cut, since the model reads some 1,200 and BM25 gains nothing from more."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was found, the chunk around it, and where both stand.

    `start_offset` and `end_offset` are the passage's place in `chunk_text`. `similarity` is the cosine to the question
    (None without a vector), `lexical_score` BM25 (0 when no word is shared), `score` both together; the last is
    comparable only within one search.
    """

    passage_id: int
    chunk_id: UUID
    document_id: UUID
    score: float
    similarity: float | None
    lexical_score: float
    text: str
    start_offset: int
    end_offset: int
    chunk_text: str
    page: int | None
    page_kind: str | None
    chapter: str | None
    heading: str | None
    title: str
    filename: str | None
    media_type: str | None
    source: str
    source_url: str | None
    course_id: str | None
    module_id: str | None
    module_name: str | None
    section_id: str | None
    section_name: str | None


def search(
    connection: Connection, embedder: "Embedder", query: str, *, course_id: str | None = None, limit: int = 8
) -> list[Passage]:
    """The passages nearest to `query` among those the transaction's account may see, best first.

    Args:
        connection: bound to an account by `studium.database.pool.assume`; unbound, nothing is found.
        embedder: when its space is not the active one, words alone are searched.
        query: a question or some words; blank finds nothing.
        course_id: only this course, and the account's own uploads that belong to no course.
        limit: at most 50.
    """
    if not 0 < limit <= LARGEST_LIMIT:
        raise ValueError(f"limit must be between 1 and {LARGEST_LIMIT}, not {limit}")
    text = query.replace("\0", " ").strip()[:LONGEST_QUERY]
    if not text:
        return []
    parameters = {
        "vector": HalfVector(embedder.embed_query(text)).to_text(),
        "model": embedder.space.model,
        "dimension": embedder.space.dimension,
        "version": embedder.space.version,
        "query": text,
        "course_id": course_id,
        "limit": limit,
    }
    with connection.cursor(row_factory=class_row(Passage)) as cursor:
        cursor.execute(SQL, parameters)
        return cursor.fetchall()
