"""Course files from the browser: a backup, logs, handouts. Kept here; read by the pipeline, which says how it goes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, UploadFile

from serving.dependencies import After, Db, Held, Limit, SignedIn
from serving.files import as_path
from studium import imports
from studium.accounts import audit
from studium.wire.base import COURSE_KEY, Page
from studium.wire.work import Import, ImportKind

router = APIRouter(prefix="/imports", tags=["imports"])
Course = Annotated[str | None, Form(pattern=COURSE_KEY)]
Zone = Annotated[str | None, Form(max_length=64, description="The site's, for a log report: its times carry none.")]


@router.post("", status_code=202, responses={404: {}})
def create_import(
    file: UploadFile,
    kind: Annotated[ImportKind, Form()],
    who: SignedIn,
    connection: Db,
    held: Held,
    course_id: Course = None,
    timezone: Zone = None,
) -> Import:
    """Hand in a backup, logs or a file: of a course one teaches; an admin, of any."""
    imports.require_teaching(connection, course_id)
    zone = imports.zone_of(timezone)
    with as_path(file) as path:
        import_id = imports.submit(held.store, connection, who.account_id, kind, path, course_id, zone)
    audit.note(connection, who.account_id, "imported", course_id=course_id, kind=kind, request=str(import_id))
    return _found(imports.read_import(connection, import_id))


@router.get("")
def list_imports(connection: Db, after: After = None, limit: Limit = 50) -> Page[Import]:
    """One's own imports, newest first; an admin sees all."""
    return imports.list_imports(connection, after, limit)


@router.get("/{import_id}")
def read_import(import_id: UUID, connection: Db) -> Import:
    """How an import goes."""
    return _found(imports.read_import(connection, import_id))


def _found(found: Import | None) -> Import:
    if found is None:
        raise HTTPException(404, "There is no such import for you.")
    return found
