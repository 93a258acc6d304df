"""Thumbs for answers, with reasons: one's own, one an answer, changeable."""

from uuid import UUID

from fastapi import APIRouter

from serving.dependencies import After, Db, Limit
from studium.tutor import feedback
from studium.wire.base import Page
from studium.wire.feedback import Feedback, FeedbackGiven

router = APIRouter(prefix="/chat", tags=["chat"])


@router.get("/feedback")
def list_feedback(connection: Db, after: After = None, limit: Limit = 50) -> Page[Feedback]:
    """All one has said of answers, the newest first."""
    return feedback.given(connection, after, limit)


@router.put("/turns/{turn_id}/feedback", responses={404: {}})
def give_feedback(turn_id: UUID, body: FeedbackGiven, connection: Db) -> Feedback:
    """Say whether an answer to one was good, in the place of what one said before.

    With `is_shared` the course's teachers see question and answer, without a name; without it, nobody does.
    """
    return feedback.give(connection, turn_id, body)


@router.delete("/turns/{turn_id}/feedback", status_code=204)
def delete_feedback(turn_id: UUID, connection: Db) -> None:
    """Have said nothing; what teachers were shown of it goes as well."""
    feedback.take_back(connection, turn_id)
