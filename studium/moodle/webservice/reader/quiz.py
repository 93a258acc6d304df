"""Reads quizzes, the attempts of each person, and what the reviews of finished ones show."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from studium.moodle.records.quiz import Question, QuestionAttempt, QuestionAttemptStep, Quiz, QuizAttempt
from studium.moodle.webservice.reader.derived import derived_id
from studium.moodle.webservice.reader.reading import ModulePart, Reading
from studium.moodle.webservice.reader.review import Review, Step, moments, read_review

NAME_LENGTH = 80
QUESTION_ID = list(Question.model_fields).index("question_id")


def read_quiz(part: ModulePart) -> None:
    """The quiz's own row."""
    body = part.body
    part.reading.harvest.add(
        Quiz,
        cmid=part.cmid,
        quiz_id=part.instance_id,
        name=part.home.title,
        opens_at=body.get("timeopen"),
        closes_at=body.get("timeclose"),
        time_limit_s=body.get("timelimit", ""),
        attempts_allowed=body.get("attempts") or 0,
        grade_method=body.get("grademethod") or 1,
        behaviour=body.get("preferredbehaviour"),
        sum_grades=body.get("sumgrades"),
        grade_max=body.get("grade"),
    )


def read_attempts(reading: Reading, cmid: int, quiz_id: int, people: list[int]) -> None:
    """Add everybody's attempts with their questions, and each question that came up."""
    known = {row[QUESTION_ID] for row in reading.harvest.rows[Question.table]}
    questions: dict[int, dict[str, object]] = {}
    for user_id in people:
        asked = {"quizid": quiz_id, "userid": user_id, "status": "all", "includepreviews": 0}
        answer = reading.ask_about_work(cmid, "mod_quiz_get_user_attempts", **asked)
        for attempt in answer["attempts"] if answer else []:
            _add_attempt(reading, cmid, attempt)
            for question in _reviewed(reading, cmid, attempt):
                what = f"question {question.get('slot')} of attempt {attempt['id']}"
                read = partial(_add_question_attempt, reading, cmid, attempt, question, questions)
                reading.survives(cmid, what, read)
    for question_id, facts in questions.items():
        if question_id not in known:
            reading.harvest.add(Question, **facts)


def _add_attempt(reading: Reading, cmid: int, attempt: Mapping[str, Any]) -> None:
    reading.harvest.add(
        QuizAttempt,
        cmid=cmid,
        quiz_id=attempt["quiz"],
        attempt_id=attempt["id"],
        user_id=attempt["userid"],
        attempt_number=attempt["attempt"],
        state=attempt.get("state") or "finished",
        is_preview=attempt.get("preview") or 0,
        started_at=attempt.get("timestart"),
        finished_at=attempt.get("timefinish"),
        modified_at=attempt.get("timemodified"),
        sum_grades=attempt.get("sumgrades"),
    )


def _reviewed(reading: Reading, cmid: int, attempt: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if attempt.get("state") == "finished":
        asked = {"attemptid": attempt["id"], "page": -1}
        answer = reading.ask_about_work(cmid, "mod_quiz_get_attempt_review", **asked)
        yield from answer["questions"] if answer else []


def _add_question_attempt(
    reading: Reading,
    cmid: int,
    attempt: Mapping[str, Any],
    question: Mapping[str, Any],
    questions: dict[int, dict[str, object]],
) -> None:
    review, slot = read_review(question["html"]), question["slot"]
    question_id = derived_id("question", reading.course.site_id, question["type"], review.wording)
    questions.setdefault(question_id, _question(reading, question_id, question["type"], review))
    response_id = derived_id("question attempt", reading.course.site_id, attempt["id"], slot)
    max_mark = _decimal(question.get("maxmark"))
    mark = _decimal(question.get("mark"))
    reading.harvest.add(
        QuestionAttempt,
        cmid=cmid,
        attempt_id=attempt["id"],
        question_attempt_id=response_id,
        slot=slot,
        question_id=question_id,
        behaviour=review.behaviour,
        max_mark=max_mark,
        fraction=_fraction(mark, max_mark),
        mark=mark,
        state=question.get("state"),
        right_answer=review.right_answer,
        response_summary=review.answer,
        # finishing an attempt touches all its questions, those that were marked before too
        modified_at=max(question.get("lastactiontime") or 0, attempt.get("timefinish") or 0),
    )
    times = moments(review.steps, attempt["timestart"], question.get("lastactiontime") or 0)
    for sequence, (step, at) in enumerate(zip(review.steps, times, strict=True)):
        is_last = sequence == len(review.steps) - 1
        fraction = _fraction(_decimal(step.mark), max_mark)
        reading.harvest.add(
            QuestionAttemptStep,
            cmid=cmid,
            question_attempt_id=response_id,
            step_id=derived_id("step", reading.course.site_id, attempt["id"], slot, sequence),
            sequence=sequence,
            state=question.get("state") or step.state if is_last else _state(step, fraction),
            fraction=fraction,
            user_id=step.marker_id if step.is_marking else attempt["userid"],
            created_at=at,
            response={},
        )


def _question(reading: Reading, question_id: int, qtype: str, review: Review) -> dict[str, object]:
    words = review.wording
    return {
        "question_id": question_id,
        "version": review.version,
        "category_id": derived_id("category", *reading.course),
        "qtype": qtype,
        "name": words if len(words) <= NAME_LENGTH else f"{words[:NAME_LENGTH].rsplit(' ', 1)[0]} …",
        "text": reading.linked(review.question) or None,
        "general_feedback": reading.linked(review.general_feedback),
        "settings": {},
    }


def _state(step: Step, fraction: Decimal | None) -> str:
    """The state of an earlier step; one that was marked by hand looks like one that was not."""
    if not step.is_marking or fraction is None:
        return step.state
    return "mangrwrong" if fraction <= 0 else "mangrright" if fraction >= 1 else "mangrpartial"


def _decimal(text: object) -> Decimal | None:
    try:
        return Decimal(str(text)) if text not in (None, "") else None
    except InvalidOperation:
        return None


def _fraction(mark: Decimal | None, max_mark: Decimal | None) -> Decimal | None:
    return round(mark / max_mark, 7) if mark is not None and max_mark else None
