"""The audit trail: who looked at, exported or changed what belongs to somebody else. Rows are only added.

Changes of role and of Moodle links are noted by the database itself (triggers in migration 0003).
"""

from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

Action = Literal[
    "progress_viewed",
    "cohort_viewed",
    "exported",
    "imported",
    "people_invited",
    "password_changed",
    "sync_requested",
    "sync_switched",
    "moodle_linked",
    "moodle_unlinked",
    "moodle_unbound",
    "questions_viewed",
    "correction_written",
    "correction_withdrawn",
]


def note(
    connection: Connection,
    actor_id: UUID | None,
    action: Action,
    *,
    course_id: str | None = None,
    learner_id: str | None = None,
    **detail: Any,
) -> None:
    """Add one line; it stands when the caller's transaction commits."""
    connection.execute(
        "insert into app.audit_log (actor_id, action, course_id, subject_learner_id, detail) "
        "values (%s, %s, %s, %s, %s)",
        [actor_id, action, course_id, learner_id, Jsonb(detail)],
    )
