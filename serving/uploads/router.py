"""Files of one's own: handed in, processed by the pipeline, answerable to their owner alone."""

from pathlib import PurePosixPath
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Form, HTTPException, UploadFile

from serving.dependencies import After, Db, Held, Limit, SignedIn, require_member
from serving.files import read_bounded
from studium import events, work
from studium.content import catalogue
from studium.content.intake import register_upload, safe_name
from studium.events import Kind, Verb
from studium.storage import remove
from studium.wire.base import COURSE_KEY, Page, Text
from studium.wire.work import Upload

router = APIRouter(prefix="/uploads", tags=["uploads"])
Words = Annotated[Text | None, Form(max_length=200)]
Course = Annotated[str | None, Form(pattern=COURSE_KEY)]
Tags = Annotated[list[Annotated[Text, Form(max_length=50)]], Form(max_length=20)]


@router.post("", status_code=202, responses={404: {}})
def create_upload(
    file: UploadFile,
    who: SignedIn,
    connection: Db,
    held: Held,
    title: Words = None,
    course_id: Course = None,
    subject: Words = None,
    tags: Tags = [],  # noqa: B006 - FastAPI copies it
) -> Upload:
    """Hand in a file; its status becomes `ready` once it can be asked, or `failed` with the reason."""
    require_member(connection, course_id)
    name = safe_name(file.filename or "")
    data = read_bounded(file, held.settings.upload_max_bytes)
    document_id = register_upload(
        held.store,
        connection,
        who.account_id,
        name,
        data,
        title=title or PurePosixPath(name).stem,
        course_id=course_id,
        subject=subject,
        tags=tags,
    )
    work.submit(connection, "upload", {"document_id": str(document_id), "filename": name}, who.account_id)
    events.record(connection, who.account_id, Verb.ATTACHED, Kind.FILE, str(document_id), course_id=course_id)
    return _found(catalogue.read_upload(connection, document_id))


@router.get("")
def list_uploads(connection: Db, after: After = None, limit: Limit = 50) -> Page[Upload]:
    """One's own uploads, newest first."""
    return catalogue.list_uploads(connection, after, limit)


@router.get("/{document_id}")
def read_upload(document_id: UUID, connection: Db) -> Upload:
    """How far an upload got."""
    return _found(catalogue.read_upload(connection, document_id))


@router.delete("/{document_id}", status_code=204)
def delete_upload(document_id: UUID, who: SignedIn, connection: Db, held: Held, later: BackgroundTasks) -> None:
    """Remove an upload, with everything made of it."""
    bytes_at = catalogue.delete_upload(connection, document_id)
    if bytes_at is None:
        raise HTTPException(404)
    events.record(connection, who.account_id, Verb.DELETED, Kind.FILE, str(document_id))
    if bytes_at:
        later.add_task(remove, held.store, bytes_at)


def _found(upload: Upload | None) -> Upload:
    if upload is None:
        raise HTTPException(404)
    return upload
