"""Files of questions: a course's bank out, and GIFT or Moodle XML into it. Files are larger than what else is sent."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, UploadFile

from serving.dependencies import Db, Now, SignedIn, instructor, member
from serving.files import read_bounded
from studium.accounts import audit
from studium.learning.questions import exchanging
from studium.learning.questions.files import MOST_BYTES
from studium.wire.base import COURSE_KEY
from studium.wire.question_bank import Format, ImportedQuestions, QuestionFile

router = APIRouter(prefix="/question-files", tags=["practice"])
FormCourse = Annotated[str, Form(pattern=COURSE_KEY)]
FormTopic = Annotated[str | None, Form(max_length=200)]
Course = Annotated[str, Query(pattern=COURSE_KEY)]
Topic = Annotated[str | None, Query(max_length=200, description="A section of the course.")]


@router.get("", responses={404: {}})
def export_questions(
    who: SignedIn, connection: Db, course_id: Course, format: Format, topic_id: Topic = None  # noqa: A002 - its name
) -> QuestionFile:  # fmt: skip
    """The questions of a course one teaches that are in use, as a file, and what of them the format cannot say."""
    standing = instructor(member(course_id, connection))
    audit.note(connection, who.account_id, "exported", course_id=standing.course_id, export="question_bank")
    return exchanging.give_out(connection, standing.course_id, format, topic_id)


@router.post("", responses={404: {}, 422: {}})
def import_questions(
    file: UploadFile, who: SignedIn, connection: Db, moment: Now, course_id: FormCourse, topic_id: FormTopic = None,
    is_trial: Annotated[bool, Form(description="Only say what would become of it.")] = False,
) -> ImportedQuestions:  # fmt: skip
    """Take in a file of GIFT or Moodle XML; questions that are in the bank already are left as they are.

    A question that cannot be taken is said with its line and the reason, and keeps no other one out.
    """
    standing = instructor(member(course_id, connection))
    data = read_bounded(file, MOST_BYTES)
    form = exchanging.format_of(file.filename or "", data)
    return exchanging.take_in(
        connection, standing.course_id, who.account_id, data, form, moment, topic_id=topic_id, is_trial=is_trial
    )
