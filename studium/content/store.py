"""A document's chunks, passages and vectors in the database: whole or absent, written in one transaction.

Reading files and making vectors happens before, outside of it (`ingest`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg import Connection

from studium.content.chunk import DEFAULT, Chunk, Chunking
from studium.content.records import Parsed, UnreadableError

Vectors = Mapping[str, HalfVector]
"""By the passage's sha256."""

# arrays instead of COPY, which row-level security does not allow
CHUNKS = """
insert into content.chunks (chunk_id, document_id, position, text, token_count, page, page_kind, chapter, heading,
                            content_sha256, run_id)
select * from unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::int[], %s::int[], %s::text[], %s::text[],
                     %s::text[], %s::text[], %s::text[])
"""
PASSAGES = """
insert into content.passages (chunk_id, document_id, position, text, content_sha256, token_count, start_offset,
                              end_offset)
select * from unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::text[], %s::int[], %s::int[], %s::int[])
returning passage_id, content_sha256
"""
VECTORS = """
insert into content.vectors (space_id, passage_id, document_id, content_sha256, embedding)
select %s, v.passage_id, %s, v.content_sha256, v.embedding
from unnest(%s::bigint[], %s::text[], %s::halfvec[]) as v (passage_id, content_sha256, embedding)
"""
READY = """
update content.documents
set status = 'ready', status_reason = null, status_detail = %(detail)s, media_type = %(media_type)s,
    page_count = %(pages)s, run_id = %(run_id)s, chunking = %(chunking)s, updated_at = now()
where document_id = %(document_id)s
"""
FAILED = """
update content.documents
set status = 'failed', status_reason = %(reason)s, status_detail = %(detail)s, page_count = null, run_id = %(run_id)s,
    updated_at = now()
where document_id = %(document_id)s
"""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A registered document, as it is to be read."""

    document_id: UUID
    source: str
    material_key: str | None
    title: str
    filename: str | None
    media_type: str | None
    content_sha256: str | None
    object_path: str | None


def read_documents(connection: Connection, document_ids: Sequence[UUID]) -> list[StoredDocument]:
    """The documents that exist, in the order asked for."""
    rows = connection.execute(
        "select d.document_id, d.source, d.material_key, d.title, d.filename, d.media_type, d.content_sha256, "
        "d.object_path from unnest(%s::uuid[]) with ordinality as wanted (document_id, place) "
        "join content.documents as d using (document_id) order by wanted.place",
        [list(document_ids)],
    )
    return [StoredDocument(*row) for row in rows]


def known_vectors(connection: Connection, space_id: int, names: Iterable[str]) -> dict[str, HalfVector]:
    """Vectors the space has already, whatever document they were made for."""
    register_vector(connection)
    rows = connection.execute(
        "select distinct on (content_sha256) content_sha256, embedding from content.vectors "
        "where space_id = %s and content_sha256 = any(%s) order by content_sha256",
        [space_id, list(names)],
    )
    return dict(rows.fetchall())


def write_document(
    connection: Connection,
    document: StoredDocument,
    parsed: Parsed,
    chunks: Sequence[Chunk],
    vectors: Mapping[int, Vectors],
    run_id: str | None,
    chunking: Chunking = DEFAULT,
) -> bool:
    """Put a document's text and its vectors by space in the place of what it had; call in a transaction.

    Returns:
        Whether it was written: a document that was deleted or changed since it was read is left to who comes next.
    """
    if not _is_as_read(connection, document):
        return False
    _clear(connection, document.document_id)
    chunk_ids = _write_chunks(connection, document.document_id, chunks, run_id)
    passages = _write_passages(connection, document.document_id, chunks, chunk_ids)
    _write_vectors(connection, document.document_id, passages, vectors)
    connection.execute("select content.index_document(%s)", [document.document_id])
    facts = {"media_type": parsed.media_type, "pages": parsed.page_count, "detail": " ".join(parsed.notes) or None}
    made = {"run_id": run_id, "document_id": document.document_id, "chunking": chunking.version}
    connection.execute(READY, {**facts, **made})
    return True


def write_failure(connection: Connection, document: StoredDocument, error: UnreadableError, run_id: str | None) -> bool:
    """Say why a document cannot be read; what an earlier version of it gave goes."""
    if not _is_as_read(connection, document):
        return False
    _clear(connection, document.document_id)
    facts = {"reason": error.reason.value, "detail": error.sentence, "run_id": run_id}
    connection.execute(FAILED, {**facts, "document_id": document.document_id})
    return True


def _is_as_read(connection: Connection, document: StoredDocument) -> bool:
    """Whether the document is still the one that was read; it stays so until the transaction ends."""
    row = connection.execute(
        "select content_sha256, title from content.documents where document_id = %s for update", [document.document_id]
    ).fetchone()
    return row == (document.content_sha256, document.title)


def _clear(connection: Connection, document_id: UUID) -> None:
    connection.execute("delete from content.chunks where document_id = %s", [document_id])


def _write_chunks(connection: Connection, document_id: UUID, chunks: Sequence[Chunk], run_id: str | None) -> list[UUID]:
    ids = [uuid4() for _ in chunks]
    rows = [
        (
            chunk_id,
            document_id,
            position,
            c.text,
            c.token_count,
            c.page,
            c.page_kind,
            c.chapter,
            c.heading,
            c.sha256,
            run_id,
        )
        for position, (chunk_id, c) in enumerate(zip(ids, chunks, strict=True))
    ]
    connection.execute(CHUNKS, _columns(rows))
    return ids


def _write_passages(
    connection: Connection, document_id: UUID, chunks: Sequence[Chunk], chunk_ids: Sequence[UUID]
) -> list[tuple[int, str]]:
    rows = [
        (chunk_id, document_id, position, p.text, p.sha256, p.token_count, p.start, p.end)
        for chunk_id, chunk in zip(chunk_ids, chunks, strict=True)
        for position, p in enumerate(chunk.passages)
    ]
    return connection.execute(PASSAGES, _columns(rows)).fetchall()


def _write_vectors(
    connection: Connection, document_id: UUID, passages: Sequence[tuple[int, str]], vectors: Mapping[int, Vectors]
) -> None:
    if connection.adapters.types.get("halfvec") is None:
        register_vector(connection)
    ids, names = (list(column) for column in zip(*passages, strict=True))
    for space_id, by_name in vectors.items():
        connection.execute(VECTORS, [space_id, document_id, ids, names, [by_name[name] for name in names]])


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
