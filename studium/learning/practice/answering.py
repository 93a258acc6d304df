"""An answer to a question: judged, kept with the estimates before and after it, and told what the course says.

One step however often it is sent: a learner's answers in a course come one after another, each on what the last made.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import Connection

from studium.events import Kind, Verb
from studium.learning import sessions
from studium.learning.practice import attempts, bank, knowing
from studium.learning.practice.ability import REPEATED, Answered, Guess, chance, moved
from studium.learning.practice.bank import Question
from studium.learning.practice.judging import Given, Judgement, judge
from studium.learning.practice.knowing import Known
from studium.learning.practice.next_question import IN_A_QUIZ, is_held
from studium.learning.practice.pages import pages
from studium.motivation.acts import record_act
from studium.tutor.open_quizzes import held
from studium.wire.practice import AnswerGiven, Attempt, Judged

if TYPE_CHECKING:
    from studium.content.embed import Embedder

TICK = timedelta(microseconds=1)
GONE = "There is no such question for you. It may be kept back by now because of a quiz in Moodle."
OTHER = "This Idempotency-Key was used for another answer."
ONE_BY_ONE = "select pg_advisory_xact_lock(hashtextextended('practice:' || %s || ':' || %s, 0))"
HARD = """
insert into app.practice_difficulties
    (question_id, course_id, start_difficulty, start_uncertainty, difficulty, uncertainty)
values (%(question)s, %(course)s, %(mean)s, %(spread)s, %(mean)s, %(spread)s) on conflict do nothing
"""
LOCK_HARD = "select difficulty, uncertainty from app.practice_difficulties where question_id = %s for update"
HARDER = """
update app.practice_difficulties set difficulty = %(mean)s, uncertainty = %(spread)s, answers = answers + 1,
    updated_at = %(moment)s
where question_id = %(question)s
"""
SAME = "select t.answer_given = %s::jsonb from app.practice_attempts as t where t.attempt_id = %s"
KEEP = """
insert into app.practice_attempts
    (account_id, course_id, topic_id, question_id, session_id, idempotency_key, answer_given, is_correct, fraction,
     guess_chance, sharpness, is_repeated, time_taken_seconds, confidence_level, ability_before, ability_after,
     uncertainty_before, uncertainty_after, difficulty_before, difficulty_after, difficulty_uncertainty, p_correct,
     answered_at)
values
    (%(account)s, %(course)s, %(topic)s, %(question)s, %(session)s, %(key)s, %(given)s, %(is_correct)s, %(fraction)s,
     %(guess_chance)s, %(sharpness)s, %(is_repeated)s, %(seconds)s, %(confidence)s, %(ability_before)s,
     %(ability_after)s, %(uncertainty_before)s, %(uncertainty_after)s, %(difficulty_before)s, %(difficulty_after)s,
     %(difficulty_uncertainty)s, %(p_correct)s, %(moment)s)
returning attempt_id
"""


class NoSuchQuestionError(LookupError):
    """There is no such question to practise for the account."""


class AnsweredOtherwiseError(Exception):
    """The same key was used for another answer."""


def answer(
    connection: Connection,
    embedder: "Embedder",
    account_id: UUID,
    course_id: str,
    body: AnswerGiven,
    *,
    key: str,
    moment: datetime,
) -> Judged:
    """Judge an answer and keep it; the same key again changes nothing and tells the same.

    Raises:
        NoSuchQuestionError: the account may not practise the question, or not any more.
        BadAnswerError: it is no answer to the question.
        AnsweredOtherwiseError: the key was used for another answer.
    """
    connection.execute(ONE_BY_ONE, [str(account_id), course_id])
    question = bank.find(connection, course_id, body.question_id)
    if question is None:
        raise NoSuchQuestionError(GONE)
    given = Given(tuple(body.choices) if body.choices is not None else None, body.text)
    judgement = judge(question.record, given)
    attempt = attempts.find(connection, "t.account_id = %s and t.idempotency_key = %s", [account_id, key])
    if attempt is None:
        if is_held(held(connection, embedder, course_id), question):
            raise NoSuchQuestionError(IN_A_QUIZ)
        attempt = _keep(connection, account_id, question, body, judgement, key, moment)
    elif attempt.question_id != question.question_id or not _is_same(connection, attempt, body):
        raise AnsweredOtherwiseError(OTHER)
    return Judged(
        attempt=attempt,
        given=judgement.given,
        right_answer=judgement.right_answer,
        said=list(judgement.said),
        quotes=pages(connection, embedder, question, judgement.right_answer),
        session=sessions.read(connection, attempt.session_id, moment) if attempt.session_id else None,
    )


def _keep(
    connection: Connection,
    account_id: UUID,
    question: Question,
    body: AnswerGiven,
    judgement: Judgement,
    key: str,
    moment: datetime,
) -> Attempt:
    course = question.course_id
    known = knowing.read(connection, account_id, course, bank.read(connection, course))
    # strictly after the answer before, whatever two processes' clocks say: in this order answers are replayed
    moment = max(moment, known.ability.at + TICK) if known.ability.at else moment
    is_repeated = question.question_id in known.given
    session = sessions.touch(connection, account_id, course, moment, questions=1, correct=int(judgement.is_correct))
    facts: dict[str, Any] = {
        **_estimated(connection, question, known, judgement.fraction, is_repeated, moment),
        "account": account_id, "course": course, "topic": question.topic_id, "question": question.question_id,
        "session": session, "key": key, "given": _said(body), "is_correct": judgement.is_correct,
        "fraction": judgement.fraction, "is_repeated": is_repeated, "seconds": body.time_taken_seconds,
        "confidence": body.confidence_level, "moment": moment,
    }  # fmt: skip
    row = connection.execute(KEEP, facts).fetchone()
    assert row is not None  # noqa: S101 - insert returning always returns
    _tell(connection, account_id, question, body, facts)
    kept = attempts.find(connection, "t.attempt_id = %s", [row[0]])
    assert kept is not None  # noqa: S101 - it was just written
    return kept


def _estimated(
    connection: Connection, question: Question, known: Known, fraction: float, is_repeated: bool, moment: datetime
) -> dict[str, float]:
    """The estimates before and after the answer; how hard the question is moves with first answers alone."""
    hard = _locked(connection, question)
    asked = replace(question.asked, difficulty=hard)
    before = known.ability.of(question.topic)
    answered = Answered(question.topic, asked, fraction, REPEATED if is_repeated else 1.0)
    ability, harder = moved(known.ability, answered, moment)
    after = ability.of(question.topic)
    if not is_repeated:
        _move(connection, question, harder, moment)
    return {
        "guess_chance": asked.luck, "sharpness": asked.sharpness, "p_correct": chance(before, asked),
        "ability_before": before.mean, "ability_after": after.mean,
        "uncertainty_before": before.spread, "uncertainty_after": after.spread,
        "difficulty_before": hard.mean, "difficulty_after": hard.mean if is_repeated else harder.mean,
        "difficulty_uncertainty": hard.spread,
    }  # fmt: skip


def _locked(connection: Connection, question: Question) -> Guess:
    """How hard the question is by now, kept from others who answer it until this is over."""
    start = {"mean": question.start.mean, "spread": question.start.spread}
    connection.execute(HARD, {"question": question.question_id, "course": question.course_id, **start})
    row = connection.execute(LOCK_HARD, [question.question_id]).fetchone()
    assert row is not None  # noqa: S101 - it is there now
    return Guess(row[0], row[1])


def _move(connection: Connection, question: Question, harder: Guess, moment: datetime) -> None:
    facts = {"question": question.question_id, "mean": harder.mean, "spread": harder.spread, "moment": moment}
    connection.execute(HARDER, facts)


def _tell(
    connection: Connection, account_id: UUID, question: Question, body: AnswerGiven, facts: dict[str, Any]
) -> None:
    result = {
        "is_correct": facts["is_correct"],
        "time_taken_seconds": body.time_taken_seconds,
        "confidence_level": body.confidence_level,
        "difficulty": facts["difficulty_before"],
        "p_correct": facts["p_correct"],
        "repeated": facts["is_repeated"],
    }
    record_act(
        connection, account_id, Verb.ANSWERED, Kind.QUESTION, str(question.question_id),
        course_id=question.course_id, result=result, moment=facts["moment"],
    )  # fmt: skip


def _said(body: AnswerGiven) -> str:
    return body.model_dump_json(include={"choices", "text"}, exclude_none=True)


def _is_same(connection: Connection, attempt: Attempt, body: AnswerGiven) -> bool:
    row = connection.execute(SAME, [_said(body), attempt.attempt_id]).fetchone()
    return bool(row and row[0])
