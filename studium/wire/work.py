"""Files handed in and the work they start: uploads of one's own, imports of a course."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from studium.wire.base import Wire
from studium.wire.courses import Document

ImportKind = Literal["backup", "logs", "file"]
WorkStatus = Literal["queued", "running", "done", "failed"]


class Upload(Document):
    """A document of one's own, and the step its processing has reached."""

    progress: str | None


class Import(Wire):
    """A file handed in for a course, and how its import goes."""

    import_id: UUID
    kind: ImportKind
    filename: str
    course_id: str | None
    status: WorkStatus
    progress: str | None
    outcome: dict[str, Any]
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
