"""A course's cohort, for those who teach it. To others there is no such thing."""

from fastapi import APIRouter, HTTPException

from serving.dependencies import After, Db, Instructor, Limit, SignedIn
from studium.accounts import audit
from studium.analytics import cohort as cohorts
from studium.wire.analytics import Cohort, CohortLearner
from studium.wire.base import Page

router = APIRouter(prefix="/courses/{course_id}/cohort", tags=["numbers"])


@router.get("")
def cohort(standing: Instructor, who: SignedIn, connection: Db) -> Cohort:
    """A course at a glance: engagement by week, completion, quiz results, who has gone quiet."""
    found = cohorts.read_cohort(connection, standing.course_id)
    if found is None:
        raise HTTPException(404)
    audit.note(connection, who.account_id, "cohort_viewed", course_id=standing.course_id)
    return found


@router.get("/learners")
def list_learners(
    standing: Instructor, who: SignedIn, connection: Db, after: After = None, limit: Limit = 100
) -> Page[CohortLearner]:
    """The people of a cohort by name."""
    audit.note(connection, who.account_id, "cohort_viewed", course_id=standing.course_id, after=after)
    return cohorts.list_learners(connection, standing.course_id, after, limit)
