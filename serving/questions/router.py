"""What is asked in a course one teaches, the answers learners found bad, and what is made of them.

Which courses those are, the database says of every row; others are told that there is no such course.
"""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Query

from serving.dependencies import After, Db, Held, Instructor, Limit, SignedIn
from studium.accounts import audit
from studium.moodle.keys import CourseKey
from studium.storage import remove
from studium.tutor import corrections, golden_kept, questions, reports
from studium.wire.base import Page
from studium.wire.feedback import ReportStatus
from studium.wire.questions import (
    Correction,
    GoldenQuestion,
    NewCorrection,
    NewGolden,
    QuestionsAsked,
    ReportChange,
    ReportedAnswer,
)

router = APIRouter(prefix="/courses/{course_id}", tags=["questions"])
Status = Annotated[ReportStatus | None, Query()]


@router.get("/questions")
def read_questions(standing: Instructor, who: SignedIn, connection: Db) -> QuestionsAsked:
    """What is asked, by topic and by page, and what was not answered; as it was last put together."""
    audit.note(connection, who.account_id, "questions_viewed", course_id=standing.course_id)
    return questions.read(connection, standing.course_id)


@router.post("/questions", status_code=202)
def refresh_questions(standing: Instructor, who: SignedIn, connection: Db) -> QuestionsAsked:
    """Have it put together anew."""
    questions.look_again(connection, standing.course_id, who.account_id)
    return questions.read(connection, standing.course_id)


@router.get("/reported-answers")
def list_reports(
    standing: Instructor, connection: Db, status: Status = None, after: After = None, limit: Limit = 50
) -> Page[ReportedAnswer]:
    """Answers that learners found bad and agreed to show, those that wait longest first. Nobody's name is there."""
    return reports.listed(connection, standing.course_id, status, after, limit)


@router.patch("/reported-answers/{report_id}")
def change_report(standing: Instructor, report_id: UUID, body: ReportChange, connection: Db) -> ReportedAnswer:
    """Put a reported answer aside, or back into the queue."""
    return reports.change(connection, standing.course_id, report_id, body.status)


@router.get("/corrections")
def list_corrections(standing: Instructor, connection: Db, after: After = None, limit: Limit = 50) -> Page[Correction]:
    """What the course's teachers wrote, the newest first; withdrawn ones too."""
    return corrections.listed(connection, standing.course_id, after, limit)


@router.post("/corrections", status_code=201)
def create_correction(
    standing: Instructor, body: NewCorrection, who: SignedIn, connection: Db, held: Held
) -> Correction:
    """Say what a question should be answered with. Everybody in the course finds it once it has been read."""
    course = CourseKey.parse(standing.course_id)
    made = corrections.write(held.store, connection, course, who.account_id, body, datetime.now(UTC))
    audit.note(
        connection,
        who.account_id,
        "correction_written",
        course_id=standing.course_id,
        correction=str(made.correction_id),
    )
    return made


@router.delete("/corrections/{correction_id}", status_code=204)
def withdraw_correction(
    standing: Instructor, correction_id: UUID, who: SignedIn, connection: Db, held: Held, later: BackgroundTasks
) -> None:
    """Take a correction back; nobody finds it any more."""
    bytes_at = corrections.withdraw(connection, standing.course_id, correction_id, datetime.now(UTC))
    audit.note(
        connection, who.account_id, "correction_withdrawn", course_id=standing.course_id, correction=str(correction_id)
    )
    if bytes_at:
        later.add_task(remove, held.store, bytes_at)


@router.get("/golden-questions")
def list_golden(standing: Instructor, connection: Db, after: After = None, limit: Limit = 50) -> Page[GoldenQuestion]:
    """Questions that `studium evaluate` asks of this course."""
    return golden_kept.listed(connection, standing.course_id, after, limit)


@router.post("/golden-questions", status_code=201)
def create_golden(standing: Instructor, body: NewGolden, who: SignedIn, connection: Db) -> GoldenQuestion:
    """Keep a question, with the exact words of the course that answer it, to measure the tutor by."""
    return golden_kept.keep(connection, standing.course_id, who.account_id, body)


@router.delete("/golden-questions/{golden_id}", status_code=204)
def delete_golden(standing: Instructor, golden_id: UUID, connection: Db) -> None:
    """Keep a question no longer."""
    golden_kept.forget(connection, standing.course_id, golden_id)
