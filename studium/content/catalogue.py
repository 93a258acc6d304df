"""The documents an account may see: lists, one document, its text. Row-level security decides which there are.

Finding passages is `studium.retrieval`'s, making documents `intake`'s.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.analytics import keyset
from studium.wire.base import Page
from studium.wire.courses import Document, Material, MaterialDocument, TextChunk
from studium.wire.work import Upload

PDF = "application/pdf"
DOCUMENT = """
select d.document_id, d.source, d.course_id, d.module_id, d.title, d.filename,
       coalesce(d.media_type, 'application/octet-stream') as media_type, coalesce(d.byte_size, 0) as byte_size,
       d.subject, d.tags, d.status, d.status_reason, d.status_detail, d.page_count, d.source_url, d.created_at
from content.documents d
"""
# The newest request about a document says which step it is at.
UPLOADS = """
select u.*, w.progress from (
    select d.document_id, d.source, d.course_id, d.module_id, d.title, d.filename,
           coalesce(d.media_type, 'application/octet-stream') as media_type, coalesce(d.byte_size, 0) as byte_size,
           d.subject, d.tags, d.status, d.status_reason, d.status_detail, d.page_count, d.source_url, d.created_at
    from content.documents d where d.source = 'upload' and d.owner_id = app.current_account()
) u left join lateral (
    select progress from app.work_requests
    where requested_by = app.current_account() and kind = 'upload' and payload ->> 'document_id' = u.document_id::text
    order by created_at desc limit 1
) w on true
"""
MODULES = """
select m.module_id, m.section_name, m.section_number, m.position, m.module_name as name, m.modname,
       m.module_url as url, m.due_at, m.is_visible
from marts.dim_modules m
where m.course_id = %(course)s
  and (%(first)s or (m.position, m.module_id) > (%(position)s, %(module)s))
order by m.position, m.module_id limit %(limit)s
"""
OF_MODULES = """
select document_id, module_id, title, filename, coalesce(media_type, 'application/octet-stream') as media_type, status
from content.documents
where course_id = %(course)s and source <> 'upload'
  and (module_id = any(%(modules)s) or (%(loose)s and module_id is null))
order by source, material_key, created_at, document_id
"""


@dataclass(frozen=True)
class StoredFile:
    """Where a document's bytes lie, and what they are."""

    object_path: str
    media_type: str
    filename: str
    title: str
    course_id: str | None


def open_url(document_id: UUID, media_type: str | None = None, page: int | None = None) -> str:
    """The address at which a browser opens a document, at its page where the format knows pages."""
    anchor = f"#page={page}" if page and media_type == PDF else ""
    return f"/api/v1/documents/{document_id}/content{anchor}"


def read_document(connection: Connection, document_id: UUID) -> Document | None:
    """One document."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"{DOCUMENT} where d.document_id = %s", [document_id]).fetchone()
    return Document(**row, open_url=open_url(document_id)) if row else None


def read_file(connection: Connection, document_id: UUID) -> StoredFile | None:
    """Where one document's bytes lie; `None` when there is no such document, or it has no file."""
    row = connection.execute(
        "select object_path, coalesce(media_type, 'application/octet-stream'), coalesce(filename, title), title, "
        "course_id from content.documents where document_id = %s and object_path is not null",
        [document_id],
    ).fetchone()
    return StoredFile(*row) if row else None


def read_text(connection: Connection, document_id: UUID, after: str | None, limit: int) -> Page[TextChunk]:
    """A document's text, chunk by chunk."""
    seen = keyset.unpack(after, int) or (-1,)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select position, text, page, page_kind, chapter, heading from content.chunks "
            "where document_id = %s and position > %s order by position limit %s",
            [document_id, seen[0], limit + 1],
        ).fetchall()
    return keyset.page([TextChunk(**row) for row in rows], limit, lambda chunk: (chunk.position,))


def list_uploads(connection: Connection, after: str | None, limit: int) -> Page[Upload]:
    """The bound account's uploads, newest first."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"{UPLOADS} where %(at)s::timestamptz is null or (u.created_at, u.document_id) < (%(at)s, %(id)s::uuid) "
            "order by u.created_at desc, u.document_id desc limit %(limit)s",
            {"at": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page([_upload(row) for row in rows], limit, lambda upload: (upload.created_at, upload.document_id))


def read_upload(connection: Connection, document_id: UUID) -> Upload | None:
    """One of the bound account's uploads."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"{UPLOADS} where u.document_id = %s", [document_id]).fetchone()
    return _upload(row) if row else None


def delete_upload(connection: Connection, document_id: UUID) -> str | None:
    """Remove an upload with its text and vectors; `None` when there is none.

    Returns:
        Where its bytes lie, to be removed once this is committed; empty while another upload of theirs needs them.
    """
    row = connection.execute(
        "delete from content.documents d where document_id = %s and source = 'upload' "
        "and owner_id = app.current_account() returning case when exists (select from content.documents o "
        "where o.object_path = d.object_path and o.document_id <> d.document_id) then '' else d.object_path end",
        [document_id],
    ).fetchone()
    return row[0] if row else None


def list_materials(connection: Connection, course_id: str, after: str | None, limit: int) -> Page[Material]:
    """A course's modules as the bound account may see them, in its order; the course's own files come last."""
    seen = keyset.unpack(after, int, str) or (0, "")
    found = {"course": course_id, "first": after is None, "position": seen[0], "module": seen[1], "limit": limit + 1}
    with connection.cursor(row_factory=dict_row) as cursor:
        modules = cursor.execute(MODULES, found).fetchall()
        shown = modules[:limit]
        last = len(modules) <= limit
        wanted = {"course": course_id, "modules": [module["module_id"] for module in shown], "loose": last}
        documents: dict[str | None, list[MaterialDocument]] = {}
        for row in cursor.execute(OF_MODULES, wanted).fetchall():
            document = MaterialDocument(**row, open_url=open_url(row["document_id"]))
            documents.setdefault(row["module_id"], []).append(document)
    items = [Material(**module, documents=documents.get(module["module_id"], [])) for module in shown]
    if last and None in documents:
        items.append(_loose(documents[None]))
    end = None if last else keyset.pack(shown[-1]["position"], shown[-1]["module_id"])
    return Page(items=items, next=end)


def _upload(row: dict[str, Any]) -> Upload:
    return Upload(**row, open_url=open_url(row["document_id"]))


def _loose(documents: list[MaterialDocument]) -> Material:
    return Material(
        module_id=None,
        section_name=None,
        section_number=None,
        position=None,
        name="Course files",
        modname=None,
        url=None,
        due_at=None,
        is_visible=True,
        documents=documents,
    )
