"""Syncs asked for by people: who may, what is under way, and whether a course follows its Moodle at all.

Asking a Moodle is the pipeline's work; how a course stands with it is `app.course_sync`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from studium import work
from studium.accounts.permissions import ROLE
from studium.imports import NotTaughtError
from studium.moodle.trust import NOT_TAUGHT
from studium.settings import Settings
from studium.wire.live import CourseSync, SyncsStarted, SyncStarted, SyncStatus

NOT_CONNECTED = "No Moodle is connected. Set STUDIUM_MOODLE_URL and STUDIUM_MOODLE_TOKEN."
NO_ACCOUNT = "No service account reads this course's Moodle. An administrator can connect one."
NOT_FOLLOWED = "{} is not on the connected Moodle, or has not been found there yet."
SWITCHED_OFF = "Syncing is off for {}. Turn it on first."

# what is gone from a course, and why its Moodle could not be read, is not for its learners
STANDING = """s.sync_enabled, s.state as sync_state, s.last_synced_at, s.last_changed_at,
       greatest(s.last_scanned_at, s.last_synced_at) as last_checked_at, coalesce(s.skipped, '[]') as skipped,
       case when role <> 'student' then s.held end as held,
       case when role <> 'student' then s.error end as sync_error,
       coalesce(
           s.state in ('idle', 'running') and coalesce(s.last_changed_at > c.backup_at, s.last_changed_at is not null),
           false
       ) as figures_pending"""
"""Of `app.course_sync as s` and `marts.dim_courses as c`."""
STATUS = f"""
select course_id, s.shortname, {STANDING}, role <> 'student' as may_sync, r.status as request, e.event
from (select *, {ROLE} as role from app.course_sync) as s
left join (select course_id, backup_at from marts.dim_courses) as c using (course_id)
left join app.work_requests as r
    on r.kind = 'sync' and r.status in ('queued', 'running') and r.payload ->> 'course_id' = s.course_id
left join lateral (
    select to_jsonb(told) as event from app.live_events as told
    where told.course_id = s.course_id and starts_with(told.kind, 'sync:') order by told.event_id desc limit 1
) as e on true
where role is not null order by course_id
"""  # noqa: S608 - constants
TAUGHT = """
select course_id, sync_enabled from app.course_sync
where (select app.is_admin()) or course_id in (select app.instructed_course_ids())
order by course_id
"""


class SyncRefusedError(Exception):
    """There is nothing to sync with, or it is not wanted; the message says what to do."""


def request_syncs(
    connection: Connection, settings: Settings, account_id: UUID, course_ids: Sequence[str] | None
) -> SyncsStarted:
    """Ask for a sync of courses the bound account teaches; one that is open already is joined.

    Raises:
        NotTaughtError: it does not teach one of them (or, when none is named, any).
        SyncRefusedError: one of them cannot be synced; then none is.
    """
    require_teaching(connection, course_ids)
    if not settings.has_service_account:
        raise SyncRefusedError(NO_ACCOUNT)
    enabled: dict[str, bool] = dict(connection.execute(TAUGHT).fetchall())
    if course_ids is None:
        wanted = [course_id for course_id, is_on in enabled.items() if is_on]
    else:
        wanted = list(dict.fromkeys(course_ids))
        for course_id in wanted:
            if not enabled.get(course_id, False):
                raise SyncRefusedError((SWITCHED_OFF if course_id in enabled else NOT_FOLLOWED).format(course_id))
    return SyncsStarted(items=[_request(connection, account_id, course_id) for course_id in wanted])


def require_teaching(connection: Connection, course_ids: Sequence[str] | None) -> None:
    """Raise `NotTaughtError` unless the bound account teaches all of the courses, or is an admin."""
    row = connection.execute(
        "select app.is_admin() or (exists (select app.instructed_course_ids()) "
        "and %(wanted)s::text[] <@ array(select app.instructed_course_ids()))",
        {"wanted": list(course_ids or [])},
    ).fetchone()
    if row != (True,):
        raise NotTaughtError(NOT_TAUGHT)


def _request(connection: Connection, account_id: UUID, course_id: str) -> SyncStarted:
    request_id = work.submit(connection, "sync", {"course_id": course_id}, account_id)
    row = connection.execute(
        "select created_at <> now() or requested_by is distinct from %s from app.work_requests where request_id = %s",
        [account_id, request_id],
    ).fetchone()
    return SyncStarted(course_id=course_id, request_id=request_id, joined=row != (False,))


def choose(connection: Connection, course_id: str, *, enabled: bool) -> bool:
    """Let a course follow its Moodle, or not; returns whether that is a change.

    Raises:
        SyncRefusedError: the connected Moodle has no such course.
    """
    before = connection.execute(
        "select sync_enabled from app.course_sync where course_id = %s for update", [course_id]
    ).fetchone()
    if before is None:
        raise SyncRefusedError(NOT_FOLLOWED.format(course_id))
    connection.execute("update app.course_sync set sync_enabled = %s where course_id = %s", [enabled, course_id])
    return before != (enabled,)


def status(connection: Connection, settings: Settings) -> SyncStatus:
    """Whether there is a Moodle, and how the courses of the bound account stand with it."""
    with connection.cursor(row_factory=class_row(CourseSync)) as cursor:
        return SyncStatus(connected=settings.moodle_url is not None, courses=cursor.execute(STATUS).fetchall())


class Behind(NamedTuple):
    """A course that is not as its Moodle is."""

    course_id: str
    state: str
    fresh_at: datetime | None
    error: str | None


def behind(connection: Connection, since: datetime, course_id: str | None = None) -> list[Behind]:
    """Courses that follow their Moodle, and were neither synced nor found unchanged since a moment.

    A look at the site vouches for a course only where its last sync ended well. What a learner saw through a
    link that is no more follows nothing.
    """
    rows = connection.execute(
        "select course_id, state, fresh_at, error from ("
        "select *, case when state in ('idle', 'held') then greatest(last_synced_at, last_scanned_at) "
        "else last_synced_at end as fresh_at from app.course_sync where sync_enabled and state <> 'gone' "
        "and (strpos(course_id, '--') = 0 or split_part(course_id, ':', 1) in "
        "(select own_site_id from app.moodle_tokens where reads_courses and refused_because is null))"
        ") as s where coalesce(fresh_at < %(since)s, true) and coalesce(course_id = %(course)s, true) "
        "order by course_id",
        {"since": since, "course": course_id},
    ).fetchall()
    return [Behind(*row) for row in rows]
