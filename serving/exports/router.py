"""Tables of a course as CSV, for those who teach it; each export is noted in the audit trail."""

from collections.abc import Iterator
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from serving.dependencies import Db, Held, Instructor, SignedIn
from serving.services import Services
from studium.accounts import audit
from studium.analytics import exports
from studium.database.pool import acting_as
from studium.wire.analytics import ExportName

router = APIRouter(prefix="/courses/{course_id}/exports", tags=["numbers"])
CSV = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The table, UTF-8, header first."}}


@router.get("/{name}.csv", response_class=StreamingResponse, responses=CSV)  # type: ignore[arg-type]
def export(name: ExportName, standing: Instructor, who: SignedIn, connection: Db, held: Held) -> StreamingResponse:
    """One table, streamed."""
    audit.note(connection, who.account_id, "exported", course_id=standing.course_id, table=name)
    filename = f"{standing.course_id.replace(':', '-')}-{name}.csv"
    return StreamingResponse(
        _lines(held, who.account_id, name, standing.course_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _lines(held: Services, account_id: UUID, name: ExportName, course_id: str) -> Iterator[str]:
    # the request's transaction has ended when the answer is sent; this one lasts as long as the sending
    with held.pool.connection(timeout=5) as connection, acting_as(connection, account_id):
        yield from exports.export(connection, name, course_id)
