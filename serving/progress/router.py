"""A learner's progress: one's own, or, for who teaches the course, any learner's of it."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from serving.dependencies import Db, Member, SignedIn
from studium.accounts import audit
from studium.analytics.progress import read_progress
from studium.wire.analytics import Progress

router = APIRouter(prefix="/courses/{course_id}/progress", tags=["numbers"])
LearnerId = Annotated[str | None, Query(max_length=200, pattern=r"^[a-z0-9-]+:[0-9]+$")]


@router.get("", name="progress")
def progress(standing: Member, who: SignedIn, connection: Db, learner_id: LearnerId = None) -> Progress:
    """A learner's way through a course. Looking at somebody else's is noted in the audit trail."""
    found = read_progress(connection, standing.course_id, learner_id)
    if found is None:
        raise HTTPException(404, "There is no such learner in this course for you.")
    if learner_id is not None and standing.role != "student":
        audit.note(connection, who.account_id, "progress_viewed", course_id=standing.course_id, learner_id=learner_id)
    return found
