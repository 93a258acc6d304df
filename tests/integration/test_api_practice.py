"""Practice over the API: what a learner may be asked, what becomes of an answer, and who sees it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from api_world import BIOLOGY, CHEMISTRY, World
from fastapi import FastAPI
from invented_site import COURSE, SITE, insert
from psycopg.types.json import Jsonb

from studium.client import ApiError, Client, Forbidden, NotFound, Rejected
from studium.database.pool import Role, acting_as, connect
from studium.events import Kind
from studium.learning.practice.importing import bring
from studium.learning.sessions import touch
from studium.moodle.keys import CourseKey
from studium.motivation.rules import PACE
from studium.wire.practice import AnswerGiven, Judged, Next

As = Callable[[str], Client]
HERE = {"site_id": SITE, "course_id": COURSE}
OF_PRACTISED, OF_HIDDEN, OF_GRADED, OF_NONE = range(9001, 9005)
PRACTISED, HIDDEN, GRADED = 1, 902, 903
"""Ben has an attempt open at the first, ann has handed one in; the second is not shown; the third counts, twice."""
CHOICES = [("A cell", 1), ("A stone", 0), ("<b>A</b> star<script>alert(1)</script>", 0)]


def as_admin(world: World, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connect(world.settings, Role.ADMIN) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def add_question(connection: psycopg.Connection, question_id: int) -> None:
    insert(
        connection, "questions", **HERE, question_id=question_id, entry_id=question_id, version=1, category_id=1,
        qtype="multichoice", name="q", text=f"<p>What is alive, of {question_id}?</p>", status="ready",
        general_feedback="<p>Life is made of cells.</p>", settings=Jsonb({"multichoice": {"single": "1"}}),
    )  # fmt: skip
    for place, (text, fraction) in enumerate(CHOICES, start=1):
        insert(
            connection, "question_answers", **HERE, question_id=question_id, kind="answer", position=place,
            answer_id=10 * question_id + place, text=text, fraction=fraction, feedback=f"Feedback {place}.",
        )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _bank(world: World, app: FastAPI, api: object) -> Iterator[None]:
    cmid = {name: int(module.rpartition(":")[2]) for name, module in world.modules.items()}
    with connect(world.settings, Role.ADMIN) as connection:
        for number in (OF_PRACTISED, OF_HIDDEN, OF_GRADED, OF_NONE):
            add_question(connection, number)
        for quiz_id, place, allowed in ((HIDDEN, "hidden", 0), (GRADED, "page", 2)):
            insert(
                connection, "quizzes", **HERE, cmid=cmid[place], quiz_id=quiz_id, name=f"The {place} quiz",
                attempts_allowed=allowed, grade_method=1,
            )  # fmt: skip
        asked = ((PRACTISED, "quiz", OF_PRACTISED), (HIDDEN, "hidden", OF_HIDDEN), (GRADED, "page", OF_GRADED))
        for quiz_id, place, question_id in asked:
            insert(
                connection, "quiz_slots", **HERE, cmid=cmid[place], quiz_id=quiz_id, slot_id=quiz_id, slot=1,
                entry_id=question_id, is_random=False,
            )  # fmt: skip
    with connect(world.settings, Role.PIPELINE) as connection:
        brought = bring(connection, app.state.services.embedder, CourseKey(SITE, COURSE), datetime.now(UTC))
    assert (brought.questions, brought.refused) == (4, {})
    yield
    for table in ("practice_attempts", "study_sessions", "practice_questions"):
        as_admin(world, f"delete from app.{table} where course_id = %s", BIOLOGY)
    as_admin(world, "delete from raw.questions where question_id between 9000 and 9100")
    as_admin(world, "delete from raw.question_answers where question_id between 9000 and 9100")
    as_admin(world, "delete from raw.quiz_slots where slot_id = any(%s)", [PRACTISED, HIDDEN, GRADED])
    as_admin(world, "delete from raw.quizzes where quiz_id = any(%s)", [HIDDEN, GRADED])


@pytest.fixture
def ids(world: World) -> Iterator[dict[int, UUID]]:
    """The questions by Moodle's number; answers to them are forgotten afterwards."""
    found = as_admin(
        world,
        "select split_part(external_key, ':', 2)::int, question_id from app.practice_questions where course_id = %s",
        BIOLOGY,
    )
    yield dict(found)
    as_admin(world, "delete from app.practice_attempts where course_id = %s", BIOLOGY)
    as_admin(world, "delete from app.study_sessions where course_id = %s", BIOLOGY)


def asked(client: Client) -> Next:
    return client.practice(BIOLOGY).next()


def chosen(client: Client, text: str) -> AnswerGiven:
    question = asked(client).question
    assert question is not None
    option = next(one.option_id for one in question.options if one.text == text)
    return AnswerGiven(
        question_id=question.question_id, choices=[option], confidence_level=4, time_taken_seconds=3, text=None
    )


def offered(client: Client) -> set[UUID]:
    """Everything the learner would be asked, one after another."""
    found: set[UUID] = set()
    while (question := client.practice(BIOLOGY).next(without=sorted(found)).question) is not None:
        found.add(question.question_id)
    return found


def test_an_answer_is_judged_kept_and_explained(client: As, ids: dict[int, UUID]) -> None:
    ann = client("ann")
    first = asked(ann)
    assert first.question is not None
    assert "fraction" not in first.model_dump_json()
    assert "Feedback" not in first.model_dump_json()
    assert {one.text for one in first.question.options} == {"A cell", "A stone", "A star"}
    sleep(PACE[Kind.QUESTION].total_seconds())  # as little after an act of another test it would earn nothing
    judged = ann.practice(BIOLOGY).answer(chosen(ann, "A cell"))
    assert (judged.attempt.is_correct, judged.right_answer, judged.given) == (True, "A cell", "A cell")
    assert judged.said == ["Feedback 1.", "Life is made of cells."]
    assert judged.attempt.ability_after > judged.attempt.ability_before
    assert judged.attempt.uncertainty_after < judged.attempt.uncertainty_before
    assert judged.attempt.difficulty_after < judged.attempt.difficulty_before
    assert 0 < judged.attempt.p_correct < 1
    assert judged.session is not None
    assert (judged.session.questions_answered, judged.session.correct_answers) == (1, 1)
    assert judged.session.xp_earned > 0
    assert [one.attempt_id for one in ann.practice(BIOLOGY).attempts().items] == [judged.attempt.attempt_id]
    assert asked(ann).question is None, "it rests"
    assert asked(ann).again_at is not None


def test_the_same_key_counts_once(client: As, world: World, ids: dict[int, UUID]) -> None:
    ann, key = client("ann").practice(BIOLOGY), str(uuid4())
    given = chosen(client("ann"), "A stone")
    with ThreadPoolExecutor(6) as many:
        said = list(many.map(lambda _: ann.answer(given, key=key), range(6)))
    assert len({one.attempt.attempt_id for one in said}) == 1
    assert as_admin(world, "select count(*) from app.practice_attempts where course_id = %s", BIOLOGY) == [(1,)]
    assert said[0].session is not None
    assert ann.sessions().items[0].questions_answered == 1
    happened = "select count(*) from app.events where object_id = %s and account_id = %s"
    assert as_admin(world, happened, str(given.question_id), world.accounts["ann"])[0][0] >= 1
    other = AnswerGiven(question_id=given.question_id, choices=[0 if given.choices != [0] else 1], text=None)
    with pytest.raises(ApiError) as refused:
        ann.answer(other, key=key)
    assert refused.value.problem.status == 409


def test_many_at_once_end_as_one_after_another(client: As, ids: dict[int, UUID]) -> None:
    ann = client("ann").practice(BIOLOGY)
    given = chosen(client("ann"), "A cell")
    with ThreadPoolExecutor(8) as many:
        said: list[Judged] = list(many.map(lambda _: ann.answer(given), range(12)))
    attempts = sorted((one.attempt for one in said), key=lambda one: (one.answered_at, one.attempt_id))
    befores = sorted(one.ability_before for one in attempts)
    afters = sorted(one.ability_after for one in attempts)
    assert befores[1:] == pytest.approx(afters[:-1], abs=1e-6), "each begins where another ended"
    assert sum(one.is_repeated for one in attempts) == 11
    moved = {one.difficulty_after for one in attempts if one.is_repeated}
    assert len(moved) == 1, "only the first says how hard the question is"
    assert ann.sessions().items[0].questions_answered == 12


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [0, 1]}, {"choices": []}, {"choices": [7]}, {"text": "A cell"}, {}, {"choices": [-1]},
        {"choices": [0], "confidence_level": 5}, {"choices": [0], "is_correct": True}, {"choices": [0], "text": "\0"},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_not_counted(client: As, ids: dict[int, UUID], body: dict[str, Any]) -> None:
    ann = client("ann")
    with pytest.raises(Rejected):
        ann.send(
            "POST", f"/courses/{BIOLOGY}/practice/attempts", headers={"Idempotency-Key": "x"},
            json={"question_id": str(ids[OF_PRACTISED]), **body},
        )  # fmt: skip
    assert ann.practice(BIOLOGY).attempts().items == []


def test_what_a_quiz_keeps_back_is_not_asked(client: As, world: World, ids: dict[int, UUID]) -> None:
    ann, ben = client("ann"), client("ben")
    assert offered(ann) == {ids[OF_PRACTISED]}, "neither hidden, nor still to be sat for a mark, nor asked by no quiz"
    assert [(one.name, "count" in one.why) for one in asked(ann).kept_back] == [("The page quiz", True)]
    held = asked(ben)
    assert held.question is None
    assert ("Cell quiz", True) in [(one.name, "attempt open" in one.why) for one in held.kept_back]
    for number in ids.values():
        with pytest.raises(NotFound):
            ben.practice(BIOLOGY).answer(AnswerGiven(question_id=number, choices=[0], text=None))
    user = int(world.learners["ann"].rpartition(":")[2])
    with connect(world.settings, Role.ADMIN) as connection:
        for number in (1, 2):
            insert(
                connection, "quiz_attempts", **HERE, cmid=0, quiz_id=GRADED, attempt_id=9000 + number, user_id=user,
                attempt_number=number, state="finished", is_preview=False, finished_at=datetime.now(UTC),
            )  # fmt: skip
            connection.commit()
            assert (ids[OF_GRADED] in offered(ann)) == (number == 2), "no attempt is left"
    as_admin(world, "delete from raw.quiz_attempts where attempt_id > 9000")


def test_a_teacher_may_let_questions_go_but_not_those_of_an_open_attempt(
    client: As, world: World, ids: dict[int, UUID]
) -> None:
    as_admin(world, "update app.practice_questions set released_at = now() where course_id = %s", BIOLOGY)
    assert offered(client("ann")) == {ids[OF_PRACTISED], ids[OF_HIDDEN], ids[OF_NONE]}
    assert ids[OF_PRACTISED] not in offered(client("ben"))
    as_admin(world, "update app.practice_questions set released_at = null where course_id = %s", BIOLOGY)


def test_nobody_sees_anothers_answers(client: As, world: World, ids: dict[int, UUID]) -> None:
    client("ann").practice(BIOLOGY).answer(chosen(client("ann"), "A cell"))
    for name in ("ben", "tom", "root", "dan"):
        with connect(world.settings, Role.API, autocommit=True) as raw, acting_as(raw, world.accounts[name]):
            for table in ("practice_attempts", "study_sessions"):
                others = f"select from app.{table} where account_id <> app.current_account()"
                assert raw.execute(others).fetchall() == []
    with (
        connect(world.settings, Role.API, autocommit=True) as raw,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        acting_as(raw, world.accounts["ann"]),
    ):
        raw.execute("update app.practice_attempts set is_correct = false")
    with pytest.raises(NotFound):
        client("dan").practice(BIOLOGY).next()
    with pytest.raises(Forbidden):
        client("tom").practice(BIOLOGY).answer(AnswerGiven(question_id=ids[OF_PRACTISED], choices=[0], text=None))
    assert client("dan").practice(CHEMISTRY).next().question is None


def test_a_generated_question_is_its_owners_alone(client: As, world: World, ids: dict[int, UUID]) -> None:
    made = "insert into app.practice_questions (course_id, origin, owner_id, qtype, text, answers) values (%s, %s, %s, "
    answers = Jsonb([{"text": "True", "fraction": 1}, {"text": "False", "fraction": 0}])
    with connect(world.settings, Role.API, autocommit=True) as raw, acting_as(raw, world.accounts["ann"]):
        [(mine,)] = raw.execute(
            f"{made} 'truefalse', 'Cells live.', %s) returning question_id",
            [BIOLOGY, "generated", world.accounts["ann"], answers],
        ).fetchall()
    assert mine in offered(client("ann"))
    assert mine not in offered(client("ben"))
    with connect(world.settings, Role.API, autocommit=True) as raw, acting_as(raw, world.accounts["tom"]):
        assert raw.execute("select from app.practice_questions where question_id = %s", [mine]).fetchall() == []
    as_admin(world, "delete from app.practice_questions where question_id = %s", mine)


def test_standing_and_calibration_tell_how_sure_they_are(client: As, ids: dict[int, UUID]) -> None:
    ann = client("ann")
    (before,) = ann.practice(BIOLOGY).standing()
    ann.practice(BIOLOGY).answer(chosen(ann, "A stone"))
    (standing,) = ann.practice(BIOLOGY).standing()
    assert standing.level < before.level, "it was wrong"
    assert 0 < standing.uncertainty < before.uncertainty
    assert (standing.answers, standing.questions) == (1, 1)
    told = ann.practice(BIOLOGY).calibration()
    assert (told.answers, told.gap) == (1, None), "nothing is said of one answer"
    assert [(one.answers, one.right) for one in told.steps] == [(0, None), (0, None), (0, None), (1, 0.0)]


def test_a_pause_of_half_an_hour_closes_a_session(client: As, world: World, ids: dict[int, UUID]) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with connect(world.settings, Role.API) as raw, acting_as(raw, world.accounts["ann"]):
        told = [
            touch(raw, world.accounts["ann"], BIOLOGY, noon + timedelta(minutes=minutes), questions=1, cards=2)
            for minutes in (0, 29, 58, 100)
        ]
    assert [one == told[0] for one in told] == [True, True, True, False]
    newer, older = client("ann").practice(BIOLOGY).sessions().items
    assert (older.duration_seconds, older.questions_answered, older.cards_reviewed) == (58 * 60, 3, 6)
    assert older.ended_at == noon + timedelta(minutes=58)
    assert newer.ended_at == noon + timedelta(minutes=100), "long over, though nobody closed it"
