"""The courses one is in, and how they follow their Moodle."""

from typing import Any

from fastapi import APIRouter, HTTPException

from serving.dependencies import After, Db, Held, Instructor, Limit, Member, SignedIn
from studium import syncs
from studium.accounts import audit
from studium.analytics import courses
from studium.wire.base import Page
from studium.wire.courses import Course
from studium.wire.live import SyncChoice, SyncRequest, SyncsStarted, SyncStatus

router = APIRouter(prefix="/courses", tags=["courses"])
NOT_TAUGHT: dict[int | str, dict[str, Any]] = {404: {}, 409: {}}


@router.get("")
def list_courses(connection: Db, after: After = None, limit: Limit = 50) -> Page[Course]:
    """Courses one is in, by name; an admin is in all of them."""
    return courses.list_courses(connection, after, limit)


@router.get("/sync")
def sync_status(connection: Db, held: Held) -> SyncStatus:
    """Whether a Moodle is connected, and how one's courses stand with it; `/live` tells what happens as it does."""
    return syncs.status(connection, held.settings)


@router.post("/sync", status_code=202, responses=NOT_TAUGHT)
def sync_courses(who: SignedIn, connection: Db, held: Held, body: SyncRequest | None = None) -> SyncsStarted:
    """Sync courses one teaches (none named: all that follow their Moodle); a sync under way is joined, not repeated."""
    started = syncs.request_syncs(connection, held.settings, who.account_id, body.course_ids if body else None)
    for one in started.items:
        if not one.joined:
            audit.note(
                connection, who.account_id, "sync_requested", course_id=one.course_id, request=str(one.request_id)
            )
    return started


@router.get("/{course_id}")
def read_course(standing: Member, connection: Db) -> Course:
    """One course."""
    course = courses.read_course(connection, standing.course_id)
    if course is None:
        raise HTTPException(404)
    return course


@router.patch("/{course_id}", responses={409: {}})
def change_course(body: SyncChoice, standing: Instructor, who: SignedIn, connection: Db) -> Course:
    """Let a course one teaches follow its Moodle, or not."""
    if syncs.choose(connection, standing.course_id, enabled=body.sync_enabled):
        audit.note(
            connection, who.account_id, "sync_switched", course_id=standing.course_id, sync_enabled=body.sync_enabled
        )
    return read_course(standing, connection)
