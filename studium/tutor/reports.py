"""The queue of a course's teachers: answers that learners found bad and agreed to show. Copies, without who asked."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.analytics import keyset
from studium.wire.base import Page
from studium.wire.feedback import ReportStatus
from studium.wire.questions import ReportedAnswer

REPORT = """
select r.report_id, r.course_id, r.question, r.answer, r.is_withheld, r.reason, r.words, r.asked_on, r.reported_on,
    r.status, r.handled_on, (
        select coalesce(jsonb_agg(f.value || jsonb_build_object('title', d.title) order by f.ordinality), '[]')
        from jsonb_array_elements(r.retrieved) with ordinality as f
        join content.documents as d on d.document_id = (f.value ->> 'document_id')::uuid
    ) as retrieved
from app.reported_answers as r
"""


class NoSuchReportError(LookupError):
    """There is no such answer in the queue of a course the account teaches."""


def listed(
    connection: Connection, course_id: str, status: ReportStatus | None, after: str | None, limit: int
) -> Page[ReportedAnswer]:
    """A course's reported answers, those that wait longest first."""
    seen = keyset.unpack(after, date.fromisoformat, UUID) or (None, None)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"{REPORT} where r.course_id = %(course)s and (%(status)s::text is null or r.status = %(status)s) "
            "and (%(on)s::date is null or (r.reported_on, r.report_id) > (%(on)s, %(id)s::uuid)) "
            "order by r.reported_on, r.report_id limit %(limit)s",
            {"course": course_id, "status": status, "on": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page([_report(row) for row in rows], limit, lambda one: (one.reported_on, one.report_id))


def change(connection: Connection, course_id: str, report_id: UUID, status: ReportStatus) -> ReportedAnswer:
    """Say what became of a reported answer."""
    changed = connection.execute(
        "update app.reported_answers set status = %(status)s, "
        "handled_on = case when %(status)s <> 'open' then current_date end "
        "where report_id = %(id)s and course_id = %(course)s",
        {"status": status, "id": report_id, "course": course_id},
    )
    if not changed.rowcount:
        raise NoSuchReportError("There is no such answer in the queue. Its learner may have taken it back.")
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"{REPORT} where r.report_id = %s", [report_id]).fetchone()
    assert row is not None  # noqa: S101 - it was just changed
    return _report(row)


def _report(row: Mapping[str, Any]) -> ReportedAnswer:
    return ReportedAnswer.model_validate(row)
