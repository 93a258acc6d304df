"""Documents one may see: what they are, their text, their file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Response

from serving.dependencies import After, Db, Held, Limit, SignedIn
from serving.documents.delivery import deliver
from studium import events
from studium.content import catalogue
from studium.events import Kind, Verb
from studium.wire.base import Page
from studium.wire.courses import Document, TextChunk

router = APIRouter(prefix="/documents", tags=["documents"])
NOT_HERE = "There is no such document for you."
FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("/{document_id}")
def read_document(document_id: UUID, connection: Db) -> Document:
    """One document."""
    document = catalogue.read_document(connection, document_id)
    if document is None:
        raise HTTPException(404, NOT_HERE)
    return document


@router.get("/{document_id}/text")
def read_document_text(document_id: UUID, connection: Db, after: After = None, limit: Limit = 50) -> Page[TextChunk]:
    """A document's text in order, as it was read for searching."""
    if catalogue.read_document(connection, document_id) is None:
        raise HTTPException(404, NOT_HERE)
    return catalogue.read_text(connection, document_id, after, limit)


@router.get(
    "/{document_id}/content",
    response_class=Response,
    responses={200: {**FILE, "description": "The file."}, 206: {**FILE, "description": "The part asked for."}, 416: {}},
)
def read_document_content(
    document_id: UUID,
    who: SignedIn,
    connection: Db,
    held: Held,
    bytes_wanted: Annotated[str | None, Header(alias="Range")] = None,
) -> Response:
    """The file as it was handed in, to look at where a browser can do so safely; PDFs open at `#page=N`."""
    file = catalogue.read_file(connection, document_id)
    if file is None:
        raise HTTPException(404, NOT_HERE)
    if not bytes_wanted:
        verb, kind = Verb.OPENED, Kind.DOCUMENT
        events.record(connection, who.account_id, verb, kind, str(document_id), course_id=file.course_id)
    return deliver(held.store, file, bytes_wanted)
