"""What one knows of each topic, by which evidence, what to do next, when one studied: one's own, and nobody else's."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from serving.dependencies import After, Db, Limit, Member, Now, SignedIn
from studium.learning import evidence
from studium.learning.mastery import read_mastery
from studium.learning.standing import read_next_steps
from studium.learning.study_days import read_study_days
from studium.wire.base import Page
from studium.wire.mastery import ContestEvidence, Evidence, Mastery, NextSteps, StudyDays

router = APIRouter(prefix="/courses/{course_id}", tags=["learning"])
TopicId = Annotated[str | None, Query(max_length=200)]
EvidenceId = Annotated[str, Path(pattern=r"^(review|attempt|response):[a-z0-9:-]{1,200}$")]


@router.get("/mastery", name="mastery")
def mastery(standing: Member, connection: Db) -> Mastery:
    """How well one knows each topic of a course, how sure that is, and how much evidence it rests on."""
    return read_mastery(connection, standing.course_id)


@router.get("/mastery/evidence", name="list_evidence")
def list_evidence(
    standing: Member, connection: Db, topic_id: TopicId = None, after: After = None, limit: Limit = 50
) -> Page[Evidence]:
    """What tells it: cards, practice and Moodle's quizzes, the newest first."""
    return evidence.read_evidence(connection, standing.course_id, topic_id, after, limit)


@router.put("/mastery/evidence/{evidence_id}/contest", name="contest_evidence", responses={404: {}})
def contest_evidence(standing: Member, evidence_id: EvidenceId, body: ContestEvidence, connection: Db) -> Mastery:
    """Say that a piece of evidence does not tell what one knows: it counts for nothing from now on.

    It stays to be seen, with what one said. Mastery and the next step follow at once; points are not touched.
    """
    evidence.contest(connection, standing.course_id, evidence_id, body)
    return read_mastery(connection, standing.course_id)


@router.delete("/mastery/evidence/{evidence_id}/contest", name="accept_evidence")
def accept_evidence(standing: Member, evidence_id: EvidenceId, connection: Db) -> Mastery:
    """Have it count again."""
    evidence.accept(connection, standing.course_id, evidence_id)
    return read_mastery(connection, standing.course_id)


@router.get("/next-steps", name="next_steps")
def next_steps(standing: Member, who: SignedIn, connection: Db, moment: Now) -> NextSteps:
    """What to do next, the best first, each with its reason."""
    return read_next_steps(connection, who.account_id, standing.course_id, moment)


@router.get("/study-days", name="study_days")
def study_days(standing: Member, who: SignedIn, connection: Db, moment: Now) -> StudyDays:
    """On which days one studied here, and on which days cards come back."""
    return read_study_days(connection, who.account_id, standing.course_id, moment)
