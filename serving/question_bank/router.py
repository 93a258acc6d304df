"""A course's question bank for those who teach it; and questions made of its material, for them and for learners."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query

from serving.dependencies import After, Caller, Db, Held, Instructor, Limit, Member, Now, SignedIn, outside
from serving.services import Services
from studium.learning.questions import bank, generating
from studium.learning.questions.generating import Wanted
from studium.wire.base import Page
from studium.wire.question_bank import (
    BankChange,
    BankQuestion,
    MadeQuestions,
    Making,
    NewBankQuestion,
    Origin,
    Standing,
)

router = APIRouter(prefix="/courses/{course_id}", tags=["practice"])
Topic = Annotated[str | None, Query(max_length=200, description="A section of the course.")]
Words = Annotated[str | None, Query(max_length=200, description="That stand in a question or its name.")]


@router.get("/question-bank")
def list_bank_questions(
    standing: Instructor, connection: Db, topic_id: Topic = None, origin: Origin | None = None,
    show: Standing | None = None, q: Words = None, after: After = None, limit: Limit = 50,
) -> Page[BankQuestion]:  # fmt: skip
    """Questions of the course with their answers, the newest first; learners' own are not among them."""
    return bank.listed(
        connection, standing.course_id, topic_id=topic_id, origin=origin, standing=show, words=q, after=after,
        limit=limit,
    )  # fmt: skip


@router.post("/question-bank", status_code=201, responses={422: {}})
def create_bank_question(
    standing: Instructor, body: NewBankQuestion, who: SignedIn, connection: Db, moment: Now
) -> BankQuestion:
    """Add a question. Learners who may see the section can be asked it from now on."""
    return bank.add(connection, standing.course_id, who.account_id, body, moment)


@router.post("/question-bank/generated", responses={409: {}})
def generate_bank_questions(
    standing: Instructor, body: Making, who: SignedIn, connection: Db, held: Held, moment: Now
) -> MadeQuestions:
    """Make questions of the course's material. They wait: nobody is asked them until a teacher lets them be used."""
    wanted = Wanted(standing.course_id, body.topic_id, body.difficulty, body.count, who.account_id, is_for_all=True)
    return _made(connection, wanted, held, who, moment)


@router.get("/question-bank/{question_id}", responses={404: {}})
def read_bank_question(standing: Instructor, question_id: UUID, connection: Db) -> BankQuestion:
    """One question with its answers."""
    return bank.read(connection, standing.course_id, question_id)


@router.patch("/question-bank/{question_id}", responses={404: {}, 422: {}})
def change_bank_question(
    standing: Instructor, question_id: UUID, body: BankChange, connection: Db, moment: Now
) -> BankQuestion:
    """Put a question under another section, say how hard it is, retire it, or let it be used."""
    return bank.change(connection, standing.course_id, question_id, body, moment)


@router.post("/practice/generated", responses={403: {}, 409: {}})
def generate_questions(
    standing: Member, body: Making, who: SignedIn, connection: Db, held: Held, moment: Now
) -> MadeQuestions:
    """Make questions for oneself, of what one may see of the course; practice asks them."""
    if standing.role != "student":
        raise HTTPException(403, "Those are for learners. Have some made for the course, in its question bank.")
    wanted = Wanted(standing.course_id, body.topic_id, body.difficulty, body.count, who.account_id)
    return _made(connection, wanted, held, who, moment)


def _made(connection: Db, wanted: Wanted, held: Services, who: Caller, moment: Now) -> MadeQuestions:
    made = generating.make(connection, wanted, held.models, moment, partial(outside, connection, who))
    held.telemetry.questions_generated(wanted.topic_id, wanted.difficulty, len(made.question_ids))
    return made
