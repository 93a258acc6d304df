"""Quotes as an answer's citations: numbered, with the version of the file they are of."""

from collections.abc import Iterable
from uuid import UUID

from psycopg import Connection

from studium.wire.answers import Quote
from studium.wire.chat import Citation

Versions = dict[UUID, str | None]


def versions_of(connection: Connection, documents: Iterable[UUID]) -> Versions:
    """SHA-256 of each document's file as it is now."""
    rows = connection.execute(
        "select document_id, content_sha256 from content.documents where document_id = any(%s)", [list(set(documents))]
    )
    return dict(rows.fetchall())


def cite(number: int, quote: Quote, versions: Versions) -> Citation:
    """A quote with its number and its file's version."""
    place = quote.model_dump(exclude={"text", "score"})
    return Citation(number=number, quote=quote.text, version=versions.get(quote.document_id), **place)
