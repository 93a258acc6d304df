"""Reads a quiz, its slots, and every attempt down to its steps. The question bank is read elsewhere."""

from decimal import Decimal, InvalidOperation

from lxml.etree import _Element as Element

from studium.moodle.backup.reading import ModulePart, Reading
from studium.moodle.backup.xml import identity, number, text
from studium.moodle.records.quiz import QuestionAttempt, QuestionAttemptStep, Quiz, QuizAttempt, QuizSlot


def read_quiz(part: ModulePart) -> None:
    """The quiz's own row."""
    body = part.body
    part.reading.harvest.add(
        Quiz,
        cmid=part.cmid,
        quiz_id=part.instance_id,
        name=part.home.title,
        opens_at=text(body, "timeopen"),
        closes_at=text(body, "timeclose"),
        time_limit_s=text(body, "timelimit") or None,
        attempts_allowed=text(body, "attempts_number") or 0,
        grade_method=text(body, "grademethod") or 1,
        behaviour=text(body, "preferredbehaviour"),
        sum_grades=text(body, "sumgrades"),
        grade_max=text(body, "grade"),
    )


def read_slot(reading: Reading, cmid: int, slot: Element) -> None:
    """A place for a question: one of the bank (by entry; before Moodle 4 by question), or a random one."""
    one, several = slot.find("question_reference"), slot.find("question_set_reference")
    reading.harvest.add(
        QuizSlot,
        cmid=cmid,
        quiz_id=_quiz_id(slot),
        slot_id=identity(slot),
        slot=text(slot, "slot"),
        page=text(slot, "page"),
        max_mark=text(slot, "maxmark"),
        entry_id=text(one, "questionbankentryid"),
        question_id=text(slot, "questionid"),
        is_random=several is not None,
        filter=text(several, "filtercondition"),
    )


def _quiz_id(element: Element) -> int:
    quiz = next(element.iterancestors("quiz"), None)
    return 0 if quiz is None else identity(quiz)


def read_attempt(reading: Reading, cmid: int, attempt: Element) -> None:
    """An attempt with its questions and their steps."""
    attempt_id = identity(attempt)
    reading.harvest.add(
        QuizAttempt,
        cmid=cmid,
        quiz_id=_quiz_id(attempt),
        attempt_id=attempt_id,
        user_id=text(attempt, "userid"),
        attempt_number=text(attempt, "attemptnum"),
        state=text(attempt, "state") or "finished",
        is_preview=text(attempt, "preview") or "0",
        started_at=text(attempt, "timestart"),
        finished_at=text(attempt, "timefinish"),
        modified_at=text(attempt, "timemodified"),
        sum_grades=text(attempt, "sumgrades"),
    )
    for question in attempt.iterfind("question_usage/question_attempts/question_attempt"):
        _add_question(reading, cmid, attempt_id, question)


def _add_question(reading: Reading, cmid: int, attempt_id: int, question: Element) -> None:
    steps = sorted(question.iterfind("steps/step"), key=lambda s: number(s, "sequencenumber"))
    fractions = [fraction for step in steps if (fraction := text(step, "fraction"))]
    fraction, max_mark = (fractions[-1] if fractions else None), text(question, "maxmark")
    reading.harvest.add(
        QuestionAttempt,
        cmid=cmid,
        attempt_id=attempt_id,
        question_attempt_id=identity(question),
        slot=text(question, "slot"),
        question_id=text(question, "questionid"),
        variant=text(question, "variant"),
        behaviour=text(question, "behaviour"),
        max_mark=max_mark,
        fraction=fraction,
        mark=_mark(fraction, max_mark),
        state=text(steps[-1], "state") if steps else None,
        question_summary=text(question, "questionsummary"),
        right_answer=text(question, "rightanswer"),
        response_summary=text(question, "responsesummary"),
        modified_at=text(question, "timemodified"),
    )
    for step in steps:
        variables = step.iterfind("response/variable")
        reading.harvest.add(
            QuestionAttemptStep,
            cmid=cmid,
            question_attempt_id=identity(question),
            step_id=identity(step),
            sequence=text(step, "sequencenumber"),
            state=text(step, "state"),
            fraction=text(step, "fraction"),
            user_id=text(step, "userid"),
            created_at=text(step, "timecreated"),
            response={text(variable, "name") or "": text(variable, "value") for variable in variables},
        )


def _mark(fraction: str | None, max_mark: str | None) -> Decimal | None:
    """A mark as Moodle computes it, to the seven places it stores; what is no number is refused with its row."""
    try:
        return round(Decimal(fraction) * Decimal(max_mark), 7) if fraction and max_mark else None
    except InvalidOperation:
        return None
