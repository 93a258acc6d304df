"""The question to answer now, and why; or why there is none."""

from collections.abc import Collection, Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import Connection

from studium.learning.practice import bank, knowing
from studium.learning.practice.bank import Question
from studium.learning.practice.choosing import Choice, choose, rested, rests_until
from studium.learning.practice.judging import options, prompts
from studium.learning.practice.knowing import Known
from studium.learning.practice.texts import clean, plain
from studium.learning.topics import read_topics
from studium.tutor.open_quizzes import Held, held
from studium.wire.practice import KeptBack, Next, PracticeQuestion

if TYPE_CHECKING:
    from studium.content.embed import Embedder

MOST_HELD = 20
"""Questions looked at in turn because an open quiz asks the same; past that there is none just now."""
KEPT_BACK = """
select distinct s.name, s.is_sitting from app.quiz_standing() as s
where s.course_id = %s and s.is_shown and (s.is_sitting or s.is_to_come) order by s.name
"""
SITTING = "You have an attempt open in Moodle. Hand it in first."
TO_COME = "You can still sit it in Moodle, and it counts there."
COURSE = "the course as a whole"
WEAKEST = "Of what you practise, you know \u201c{topic}\u201d least."
UNKNOWN = "It is not known yet how well you know \u201c{topic}\u201d."
CHOSEN = "You chose \u201c{topic}\u201d."
ODDS = "People who know as much as you get this one right about {tenths} times in 10."
NOTHING = "There is nothing to practise here yet. Questions come with Moodle's question bank, or from your teachers."
ALL_KEPT = "What there is to practise is kept back because of a quiz in Moodle."
ALL_REST = "You have answered all there is for now. Questions come again after a while, those you got wrong first."
IN_A_QUIZ = "You have a quiz open in Moodle that asks the same. Hand it in first."


def next_question(
    connection: Connection,
    embedder: "Embedder",
    account_id: UUID,
    course_id: str,
    moment: datetime,
    *,
    topic_id: str | None = None,
    without: Collection[UUID] = (),
) -> Next:
    """What to answer now.

    Args:
        connection: bound to the account.
        embedder: tells whether an open quiz asks the same.
        account_id: whose turn it is.
        course_id: where.
        moment: now.
        topic_id: only this topic.
        without: questions that are not wanted now.
    """
    questions = bank.read(connection, course_id)
    known = knowing.read(connection, account_id, course_id, questions)
    mine = {one.question_id: one for one in questions if topic_id is None or one.topic_id == topic_id}
    awake = rested([one.item for one in mine.values()], known.given, moment)
    kept = kept_back(connection, course_id)
    wanted = [mine[one.question_id] for one in awake if one.question_id not in without]
    chooser = Random(f"{account_id}:{sum(known.answers.values())}:{len(without)}")  # noqa: S311 - no secret
    choice, is_held = _choice(known, wanted, held(connection, embedder, course_id), chooser)
    names = {one.topic_id: one.name for one in read_topics(connection, course_id)}
    again = [rests_until(known.given[one]) for one in mine if one in known.given]
    return Next(
        question=told(mine[choice.item.question_id], names) if choice else None,
        why=_why(choice, names, topic_id) if choice else _why_not(mine, kept, is_held),
        p_correct=choice.p_correct if choice else None,
        again_at=min((one for one in again if one > moment), default=None),
        available=len(awake),
        resting=len(mine) - len(awake),
        kept_back=kept,
    )


def told(question: Question, names: dict[str, str]) -> PracticeQuestion:
    """A question as it is asked."""
    record = question.record
    return PracticeQuestion.model_validate({
        "question_id": question.question_id,
        "course_id": question.course_id,
        "topic_id": question.topic_id,
        "topic_name": names.get(question.topic_id or ""),
        "origin": question.origin,
        "made_by": question.made_by,
        "is_yours_alone": question.is_own,
        "qtype": record.qtype,
        "text": plain(record.text),
        "html": clean(record.text),
        "several": record.qtype == "multichoice" and not record.single,
        "options": [{"option_id": number, "text": text} for number, text in options(record, question.question_id)],
        "prompts": prompts(record),
    })  # fmt: skip


def kept_back(connection: Connection, course_id: str) -> list[KeptBack]:
    """The quizzes whose questions wait, of those the learner may see."""
    rows = connection.execute(KEPT_BACK, [course_id]).fetchall()
    return [KeptBack(name=name, why=SITTING if is_sitting else TO_COME) for name, is_sitting in rows]


def is_held(quizzes: Held, question: Question) -> bool:
    """Whether a quiz the learner is sitting asks the same."""
    return quizzes.by(plain(question.record.text)) is not None


def _choice(known: Known, wanted: Sequence[Question], quizzes: Held, chooser: Random) -> tuple[Choice | None, bool]:
    left = {one.question_id: one for one in wanted}
    fresh = frozenset(left) - set(known.given)
    for _ in range(MOST_HELD):
        choice = choose(known.ability, [one.item for one in left.values()], chooser, fresh)
        if choice is None or not is_held(quizzes, left[choice.item.question_id]):
            return choice, len(left) < len(wanted)
        del left[choice.item.question_id]
    return None, True


def _why(choice: Choice, names: dict[str, str], topic_id: str | None) -> str:
    topic = names.get(choice.item.topic, COURSE)
    sentence = CHOSEN if topic_id else WEAKEST if choice.is_level_known else UNKNOWN
    return f"{sentence.format(topic=topic)} {ODDS.format(tenths=round(10 * choice.p_correct))}"


def _why_not(mine: Collection[UUID], kept: Sequence[KeptBack], is_held: bool) -> str:
    if is_held:
        return IN_A_QUIZ
    if mine:
        return ALL_REST
    return ALL_KEPT if kept else NOTHING
