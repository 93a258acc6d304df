"""What is known of a learner: their answers here and in Moodle, replayed in order into what they can."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.learning.practice.ability import REPEATED, Ability, Answered, Asked, Guess, begin, moved
from studium.learning.practice.bank import WHOLE_COURSE, Question
from studium.learning.practice.choosing import Given

NEWEST = 1000
"""Answers that are replayed: what is older has long been outweighed."""
ATTEMPTS = """
select t.question_id, coalesce(t.topic_id, '') as topic, t.difficulty_before, t.difficulty_uncertainty, t.guess_chance,
    t.sharpness, t.fraction, t.is_correct, t.is_repeated, t.answered_at
from app.practice_attempts as t
where t.account_id = %s and t.course_id = %s
order by t.answered_at desc, t.attempt_id desc
limit %s
"""
IN_MOODLE = "select external_key, fraction, answered_at from app.my_moodle_answers(%s)"


@dataclass(frozen=True)
class Known:
    """A learner in a course."""

    ability: Ability
    given: Mapping[UUID, Given]
    """What became of the questions they answered, here or in Moodle."""
    answers: Mapping[str, int]
    """How many the estimate rests on, by topic."""


@dataclass(frozen=True, slots=True)
class _Past:
    question_id: UUID
    answer: Answered
    is_correct: bool
    at: datetime


def read(connection: Connection, account_id: UUID, course_id: str, questions: Sequence[Question]) -> Known:
    """The bound account, as its answers so far tell of it."""
    past = sorted(
        [*_here(connection, account_id, course_id), *_in_moodle(connection, course_id, questions)],
        key=lambda one: one.at,
    )
    topics = sorted({one.topic for one in questions} | {one.answer.topic for one in past} | {WHOLE_COURSE})
    return replayed(topics, past)


def replayed(topics: Sequence[str], past: Iterable[_Past]) -> Known:
    """Answers in order, made into what is known."""
    ability, given, answers = begin(topics), dict[UUID, Given](), dict.fromkeys(topics, 0)
    for one in past:
        ability, _ = moved(ability, one.answer, one.at)
        before = given.get(one.question_id)
        in_a_row = (before.right_in_a_row if before else 0) + 1 if one.is_correct else 0
        given[one.question_id] = Given(one.at, in_a_row)
        answers[one.answer.topic] += 1
    return Known(ability, given, answers)


def _here(connection: Connection, account_id: UUID, course_id: str) -> list[_Past]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(ATTEMPTS, [account_id, course_id, NEWEST]).fetchall()
    return [_of_row(row) for row in rows]


def _of_row(row: dict[str, Any]) -> _Past:
    asked = Asked(Guess(row["difficulty_before"], row["difficulty_uncertainty"]), row["guess_chance"], row["sharpness"])
    answer = Answered(row["topic"], asked, row["fraction"], REPEATED if row["is_repeated"] else 1.0)
    return _Past(row["question_id"], answer, row["is_correct"], row["answered_at"])


def _in_moodle(connection: Connection, course_id: str, questions: Sequence[Question]) -> list[_Past]:
    known = {one.external_key: one for one in questions if one.external_key}
    past, seen = [], set[UUID]()
    for key, fraction, answered_at in connection.execute(IN_MOODLE, [course_id]).fetchall():
        if (found := known.get(key)) is None:
            continue
        asked = Asked(found.start, found.asked.luck, found.asked.sharpness)
        weight = REPEATED if found.question_id in seen else 1.0
        past.append(
            _Past(found.question_id, Answered(found.topic, asked, fraction, weight), fraction >= 1, answered_at)
        )
        seen.add(found.question_id)
    return past
