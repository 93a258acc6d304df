"""Modes of the tutor over HTTP, without a model, on the recorded courses: hints, Socratic, quiz, open quizzes."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from coaching_world import CVS201, CoachingWorld, build
from starlette.testclient import TestClient

from serving.app import create_app
from serving.limits import Limiter
from studium.client import ApiError, ChatSession, Client
from studium.settings import Settings

QUESTION = "What does the plateau of the ventricular action potential come from?"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoachingWorld]:
    settings = Settings(home=tmp_path_factory.mktemp("coaching"), _env_file=None)
    accounts = build(settings)
    with TestClient(create_app(settings, Limiter(factor=10_000)), raise_server_exceptions=False) as api:
        yield CoachingWorld(settings, api, accounts)


@pytest.fixture(scope="module")
def student(world: CoachingWorld) -> Client:
    return world.client("student")


@pytest.fixture
def session(student: Client) -> ChatSession:
    return student.chats.create(CVS201)


def test_a_conversation_has_a_mode_and_a_message_may_have_its_own(student: Client, session: ChatSession) -> None:
    assert session.mode == "answer"
    assert student.chats.send(session.session_id, QUESTION).mode == "answer"
    assert student.chats.send(session.session_id, QUESTION, mode="hints").mode == "hints"
    assert student.chats.change(session.session_id, mode="quiz").mode == "quiz"
    assert student.chats.change(session.session_id, title="Other").mode == "quiz"
    assert student.chats.send(session.session_id, QUESTION).mode == "quiz"
    assert student.chats.create(CVS201, mode="socratic").mode == "socratic"


def test_hints_climb_the_ladder_of_one_question(student: Client, session: ChatSession) -> None:
    first = student.chats.send(session.session_id, QUESTION, mode="hints")
    second = student.chats.send(session.session_id, "Next hint", mode="hints", follows=first.turn_id)
    student.chats.send(session.session_id, "What is preload?", mode="hints")
    third = student.chats.send(session.session_id, "Next hint", mode="hints", follows=second.turn_id)
    fourth = student.chats.send(session.session_id, "Next hint", mode="hints", follows=first.turn_id)
    assert [turn.rung for turn in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert {turn.follows for turn in (second, third, fourth)} == {first.turn_id}
    with pytest.raises(ApiError, match="last hint"):
        student.chats.send(session.session_id, "Next hint", mode="hints", follows=fourth.turn_id)


def test_a_hint_sent_twice_is_one_rung(student: Client, session: ChatSession) -> None:
    first = student.chats.send(session.session_id, QUESTION, mode="hints")
    message_id = uuid4()
    again = [
        student.chats.send(session.session_id, "Next hint", message_id, mode="hints", follows=first.turn_id)
        for _ in range(2)
    ]
    assert again[0] == again[1]
    assert again[0].rung == 2


def test_hints_go_on_with_a_question_of_this_conversation_only(student: Client, session: ChatSession) -> None:
    elsewhere = student.chats.create(CVS201, mode="hints")
    there = student.chats.send(elsewhere.session_id, QUESTION)
    answered = student.chats.send(session.session_id, QUESTION, mode="answer")
    for turn_id in (there.turn_id, answered.turn_id, uuid4()):
        with pytest.raises(ApiError, match="no question here") as error:
            student.chats.send(session.session_id, "Next hint", mode="hints", follows=turn_id)
        assert error.value.problem.status == 409
