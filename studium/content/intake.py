"""What is to be read, registered: a course's materials, its loose files, people's uploads. Reading is `ingest`'s."""

import hashlib
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID

from obstore.store import ObjectStore
from psycopg import Connection

from studium.content.readers.clean import clean_line
from studium.moodle.keys import CourseKey
from studium.storage import put_content, put_file

LONGEST_NAME = 200
UNKNOWN_TYPE = "application/octet-stream"

UPLOAD = """
insert into content.documents (source, owner_id, course_id, title, filename, media_type, byte_size, content_sha256,
                               object_path, subject, tags)
values ('upload', %(owner_id)s, %(course_id)s, %(title)s, %(filename)s, %(media_type)s, %(byte_size)s,
        %(content_sha256)s, %(object_path)s, %(subject)s, %(tags)s)
returning document_id
"""
FILE = """
insert into content.documents as d (source, course_id, material_key, title, filename, media_type, byte_size,
                                    content_sha256, object_path)
values ('file', %(course_id)s, %(material_key)s, %(title)s, %(filename)s, %(media_type)s, %(byte_size)s,
        %(content_sha256)s, %(object_path)s)
on conflict (source, course_id, material_key, owner_id) where material_key is not null do update
set title = excluded.title, filename = excluded.filename, byte_size = excluded.byte_size,
    media_type = case when d.content_sha256 = excluded.content_sha256 then d.media_type else excluded.media_type end,
    content_sha256 = excluded.content_sha256, object_path = excluded.object_path, updated_at = now(),
    status = case when d.content_sha256 = excluded.content_sha256 then d.status else 'processing' end
returning document_id
"""
# What a title heads is embedded with it: a new title is new content. A chapter or a file in a folder has a heading of
# its own, and its module's name stands with every citation.
MATERIALS = """
with wanted as (
    select
        m.site_id || ':' || m.course_id as course_id,
        m.site_id || ':' || m.cmid as module_id,
        m.site_id || ':' || m.section_id as section_id,
        m.group_id, m.material_key, coalesce(nullif(m.heading, ''), m.title) as title,
        m.filename, m.media_type, m.byte_size, m.content_sha256, m.object_path, nullif(m.url, '') as source_url
    from raw.materials as m
    where m.site_id = %(site_id)s and m.course_id = %(course_number)s
),

gone as (
    delete from content.documents as d
    where d.source = 'moodle' and d.course_id = %(course_id)s
        and not exists (select from wanted as w where w.material_key = d.material_key)
    returning 1
),

changed as (
    update content.documents as d
    set module_id = w.module_id, section_id = w.section_id, group_id = w.group_id, title = w.title,
        filename = w.filename, byte_size = w.byte_size, content_sha256 = w.content_sha256, object_path = w.object_path,
        source_url = w.source_url, updated_at = now(),
        media_type = case when d.content_sha256 = w.content_sha256 then d.media_type else w.media_type end,
        status = case when (d.content_sha256, d.title) = (w.content_sha256, w.title) then d.status else 'processing' end
    from wanted as w
    where d.source = 'moodle' and d.course_id = w.course_id and d.material_key = w.material_key
        and (d.module_id, d.section_id, d.group_id, d.title, d.filename, d.byte_size, d.content_sha256, d.object_path,
             d.source_url)
        is distinct from (w.module_id, w.section_id, w.group_id, w.title, w.filename, w.byte_size, w.content_sha256,
                          w.object_path, w.source_url)
    returning 1
),

new as (
    insert into content.documents (source, course_id, module_id, section_id, group_id, material_key, title, filename,
                                   media_type, byte_size, content_sha256, object_path, source_url)
    select 'moodle', w.* from (
        select course_id, module_id, section_id, group_id, material_key, title, filename, media_type, byte_size,
            content_sha256, object_path, source_url
        from wanted
    ) as w
    where not exists (
        select from content.documents as d
        where d.source = 'moodle' and d.course_id = w.course_id and d.material_key = w.material_key
    )
    returning 1
)

select (select count(*) from wanted), (select count(*) from new), (select count(*) from changed),
    (select count(*) from gone)
"""


@dataclass(frozen=True)
class Synced:
    """What bringing a course's documents up to date did."""

    materials: int
    added: int
    changed: int
    removed: int


def sync_course(connection: Connection, course: CourseKey) -> Synced:
    """Make the documents of a course what its materials are; unchanged ones are not touched."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('content.documents ' || %s, 0))", [str(course)])
    wanted = {"site_id": course.site_id, "course_number": course.course_id, "course_id": str(course)}
    [counts] = connection.execute(MATERIALS, wanted).fetchall()
    return Synced(*counts)


def withdraw(connection: Connection, course: CourseKey) -> None:
    """Let nobody find what a course's documents said before they changed; call it in the transaction of that change.

    For when those who may find a document change with what it says: a draft that is finished and shown was never for
    its new readers. Otherwise the old text stays until the new one is read, and what both share is not embedded again.
    """
    sync_course(connection, course)
    connection.execute(
        "delete from content.chunks c using content.documents d where c.document_id = d.document_id "
        "and d.course_id = %s and d.source = 'moodle' and d.status = 'processing'",
        [str(course)],
    )


def register_file(store: ObjectStore, connection: Connection, path: Path, course_id: str) -> UUID:
    """Keep a loose file of a course, for everyone in it. A file of the same name takes its place."""
    course = CourseKey.parse(course_id)
    name = safe_name(path.name)
    object_path = put_file(store, f"shared/courses/{course}/files", path)
    facts = {
        "course_id": str(course),
        "material_key": f"file:{name}",
        "title": PurePosixPath(name).stem,
        "byte_size": path.stat().st_size,
        "content_sha256": PurePosixPath(object_path).name.partition(".")[0],
        "object_path": object_path,
        **_named(name),
    }
    return _document_id(connection, FILE, facts)


def register_upload(  # noqa: PLR0913 - so much is known of a file that is handed in
    store: ObjectStore,
    connection: Connection,
    owner_id: UUID,
    filename: str,
    data: bytes,
    *,
    title: str,
    course_id: str | None = None,
    subject: str | None = None,
    tags: Sequence[str] = (),
) -> UUID:
    """Keep a person's file, for that person alone. Call in a transaction bound to them."""
    name = safe_name(filename)
    facts = {
        "owner_id": owner_id,
        "course_id": course_id,
        "title": clean_line(title)[:LONGEST_NAME] or PurePosixPath(name).stem,
        "byte_size": len(data),
        "content_sha256": hashlib.sha256(data).hexdigest(),
        "object_path": put_content(store, f"users/{owner_id}/uploads", data, _suffix(name)),
        "subject": subject,
        "tags": list(tags),
        **_named(name),
    }
    return _document_id(connection, UPLOAD, facts)


def safe_name(filename: str) -> str:
    """A name to show and to keep: its last part, without what could disguise it or mislead a file system."""
    last = re.split(r"[/\\]", clean_line(filename))[-1].strip(" .")
    kept = re.sub(r'[<>:"|?*]', "_", last)
    stem, suffix = PurePosixPath(kept).stem, PurePosixPath(kept).suffix[:20]
    return f"{stem[: LONGEST_NAME - len(suffix)]}{suffix}" or "file"


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,10}", suffix) else ""


def _named(name: str) -> dict[str, str]:
    return {"filename": name, "media_type": mimetypes.guess_type(name)[0] or UNKNOWN_TYPE}


def _document_id(connection: Connection, statement: str, facts: Mapping[str, object]) -> UUID:
    document_id: UUID
    [(document_id,)] = connection.execute(statement, facts).fetchall()
    return document_id


def waiting(connection: Connection, course_id: str | None) -> list[UUID]:
    """Documents of a course that are to be read, uploads left out; without a course, all uploads that wait."""
    if course_id is None:
        found = connection.execute(
            "select document_id from content.documents where status = 'processing' and source = 'upload' "
            "order by created_at, document_id"
        )
    else:
        found = connection.execute(
            "select document_id from content.documents where status = 'processing' and source <> 'upload' "
            "and course_id = %s order by module_id, material_key, document_id",
            [course_id],
        )
    return [row[0] for row in found]
