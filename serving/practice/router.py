"""Practice in a course: the next question, answers, and what they say of oneself. Nobody else sees them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Query

from serving.dependencies import After, Db, Held, Limit, Member, Now, SignedIn
from studium.learning import sessions
from studium.learning.practice import attempts, calibration, standing
from studium.learning.practice.answering import answer
from studium.learning.practice.next_question import next_question
from studium.wire.base import Page
from studium.wire.practice import AnswerGiven, Attempt, Calibration, Judged, Next, Standing, StudySession

router = APIRouter(prefix="/courses/{course_id}", tags=["practice"])
FOR_LEARNERS = "Practice is for those who learn in the course: answers of others would say how hard its questions are."
ONCE = "Chosen by the caller, one an answer: however often the same arrives, it counts once."
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200, description=ONCE)]
TopicId = Annotated[str | None, Query(max_length=200, description="Only this topic.")]
Without = Annotated[str | None, Query(max_length=2000, description="Questions not wanted now, with commas between.")]


@router.get("/practice/next")
def read_next(
    member: Member,
    who: SignedIn,
    connection: Db,
    held: Held,
    moment: Now,
    topic_id: TopicId = None,
    without: Without = None,
) -> Next:
    """The question to answer now: near one's level, on the topic one knows least, none too soon again."""
    return next_question(
        connection,
        held.embedder,
        who.account_id,
        member.course_id,
        moment,
        topic_id=topic_id,
        without=_ids(without),
    )


def _ids(told: str | None) -> list[UUID]:
    try:
        return [UUID(one) for one in told.split(",")] if told else []
    except ValueError as error:
        raise HTTPException(422, "`without` is a list of question ids with commas between.") from error


@router.post("/practice/attempts", responses={404: {}, 409: {}})
def create_attempt(
    member: Member, body: AnswerGiven, who: SignedIn, connection: Db, held: Held, moment: Now, key: Key
) -> Judged:
    """Answer a question: what it is worth, what its author says to it, and where the course says it."""
    if member.role != "student":
        raise HTTPException(403, FOR_LEARNERS)
    return answer(connection, held.embedder, who.account_id, member.course_id, body, key=key, moment=moment)


@router.get("/practice/attempts")
def list_attempts(member: Member, connection: Db, after: After = None, limit: Limit = 50) -> Page[Attempt]:
    """One's answers, the newest first, each with the estimates before and after it."""
    return attempts.listed(connection, member.course_id, after, limit)


@router.get("/practice/standing")
def read_standing(member: Member, who: SignedIn, connection: Db) -> list[Standing]:
    """How far one is in each topic, as far as answers tell, and how sure that is."""
    return standing.read(connection, who.account_id, member.course_id)


@router.get("/practice/calibration")
def read_calibration(member: Member, connection: Db) -> Calibration:
    """How well one knows what one knows: how sure one was, beside how often one was right."""
    return calibration.read(connection, member.course_id)


@router.get("/study-sessions")
def list_study_sessions(
    member: Member, connection: Db, moment: Now, after: After = None, limit: Limit = 50
) -> Page[StudySession]:
    """One's stretches of practice and review, the newest first."""
    return sessions.listed(connection, member.course_id, moment, after, limit)
