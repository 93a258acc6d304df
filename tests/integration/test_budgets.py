"""Budgets over real turns of people in one course, answered at the same time: nothing is spent beyond them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from api_world import BIOLOGY
from chat_world import QUESTION, ChatWorld, build_chat_world
from model_server import ModelServer, Reply, model_server, says
from psycopg import Connection

from studium.content.embed import open_named
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings
from studium.tutor import answering, budgets, conversation, preferences
from studium.tutor.models import Models, open_models
from studium.tutor.spending import Budgets, Limits
from studium.tutor.turn import Means
from studium.wire.chat import ChatAnswer, ChatMessage, NewChat
from studium.wire.tutoring import Preferences

GOOD = "Mitochondria release energy from glucose [1]."
NOBODY_GONE = bool


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> ChatWorld:
    built = build_chat_world(Settings(home=tmp_path_factory.mktemp("budgets"), _env_file=None))
    built.raw("delete from raw.quiz_attempts where state <> 'finished'")  # nothing is held back for a quiz's sake
    return built


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        for name in ("cheap", "strong"):
            running.does(name, says(GOOD))
        yield running


@pytest.fixture
def models(world: ChatWorld, server: ModelServer) -> Iterator[Models]:
    made = open_models(
        Settings(
            chat_model="openai:cheap", chat_model_strong="openai:strong", chat_base_url=server.url, chat_price_in=100,
            chat_price_out=100, chat_price_in_strong=200, chat_price_out_strong=200, chat_answer_tokens=200,
            chat_context_tokens=500, chat_patience_seconds=5, _env_file=None,
        )
    )  # fmt: skip
    assert made is not None
    yield made
    world.raw("truncate app.chat_spending")


def turn(world: ChatWorld, name: str, models: Models, question: str = QUESTION) -> tuple[ChatAnswer, str, UUID]:
    """Ask in a new conversation, and answer it as a serving process does."""
    with world.as_api(name) as connection:
        session = conversation.begin(connection, world.world.accounts[name], NewChat(course_id=BIOLOGY)).session_id
        conversation.say(connection, session, ChatMessage(content=question))

    @contextmanager
    def opened() -> Iterator[Connection]:
        with world.as_api(name) as connection:
            yield connection

    with opened() as connection:
        claimed = answering.claim(connection, session, world.world.accounts[name])
    assert claimed is not None
    answering.answer(claimed, opened, Means(open_named("minilm"), models), NOBODY_GONE)
    ((answer, route, error),) = world.raw(
        "select answer, route, error from app.chat_turns where session_id = %s", session
    )
    assert error is None, error
    return ChatAnswer.model_validate(answer), route or "", session


def ledger(world: ChatWorld) -> list[tuple[Decimal, Decimal, int]]:
    return world.raw("select cost, reserved, tokens_in from app.chat_spending order by cost")


def test_what_a_turn_cost_outlives_its_conversation(world: ChatWorld, models: Models) -> None:
    answer, _, session = turn(world, "ann", models)
    assert answer.model is not None
    price = models.cheap.price if answer.model == models.cheap.name else models.strong.price
    assert ledger(world) == [(price.of(1000, 200), 0, 1000)]
    with world.as_api("ann") as connection:
        conversation.delete(connection, session)
        assert budgets.spent(connection, BIOLOGY, "USD").learner == price.of(1000, 200)
    with world.as_api("ben") as connection:
        assert connection.execute("select * from app.chat_spending").fetchall() == []
        assert budgets.spent(connection, BIOLOGY, "USD") == (0, price.of(1000, 200), price.of(1000, 200))
        assert budgets.spent(connection, BIOLOGY, "EUR") == (0, 0, 0)


def test_past_the_soft_bound_the_cheap_model_answers_and_past_the_hard_one_the_course(
    world: ChatWorld, server: ModelServer, models: Models
) -> None:
    why = "Why do mitochondria release energy from glucose?"
    soft = replace(models, budgets=Budgets(learner=Limits(soft=Decimal("0.01"))))
    answer, _, _ = turn(world, "ann", soft, why)
    assert (answer.model, answer.notices) == ("openai:strong", [])
    answer, route, _ = turn(world, "ann", soft, why)
    assert answer.model == "openai:cheap"
    assert "simpler model" in answer.notices[-1]
    assert answer.notices[-1] in route
    assert turn(world, "ben", soft, why)[0].model == "openai:strong"
    asked = len(server.asked)
    hard = replace(models, budgets=Budgets(course=Limits(hard=Decimal("0.5"))))
    answer, _, _ = turn(world, "ben", hard, why)
    assert (answer.model, len(server.asked)) == (None, asked)
    assert "used up" in answer.notices[-1]


def test_turns_at_the_same_time_overspend_nothing(world: ChatWorld, server: ModelServer, models: Models) -> None:
    for name in ("cheap", "strong"):
        server.does(name, says(GOOD, pause=0.02))
    hard = models.most * 2 + models.saving().most
    bounded = replace(models, budgets=Budgets(course=Limits(hard=hard)))
    with ThreadPoolExecutor(8) as workers:
        found = list(workers.map(lambda name: turn(world, name, bounded)[0], ["ann", "ben"] * 4))
    told = [answer.model for answer in found]
    assert None in told
    assert any(told)
    rows = ledger(world)
    assert all(reserved == 0 for _, reserved, _ in rows)
    assert 0 < sum(cost for cost, _, _ in rows) <= hard
    assert len(rows) == sum(model is not None for model in told)


def test_what_fails_is_paid_for_and_never_more_than_was_reserved(
    world: ChatWorld, server: ModelServer, models: Models
) -> None:
    def costly(reply: Reply) -> None:
        reply.stop(usage={"prompt_tokens": 1500, "completion_tokens": 200, "total_tokens": 1700})

    for name in ("cheap", "strong"):
        server.does(name, costly)
    bounded = replace(models, budgets=Budgets(site=Limits(hard=models.most)))
    answer, route, _ = turn(world, "ann", bounded, "Why do mitochondria release energy from glucose?")
    assert answer.model is None
    assert route.count("said nothing") == 6
    ((cost, reserved, tokens_in),) = ledger(world)
    assert (reserved, tokens_in) == (0, 6 * 1500)
    assert 0 < cost <= models.most


def test_without_budgets_no_model_is_kept_from_answering(world: ChatWorld, server: ModelServer, models: Models) -> None:
    def dear(reply: Reply) -> None:
        reply.stop(usage={"prompt_tokens": 100_000, "completion_tokens": 200, "total_tokens": 100_200})

    for name in ("cheap", "strong"):
        server.does(name, dear)
    assert turn(world, "ann", models)[1].count("said nothing") == 6
    ((cost, reserved, _),) = ledger(world)
    assert (cost > models.most, reserved) == (True, 0)
    bounded = replace(models, budgets=Budgets(site=Limits(hard=cost + models.most)))
    assert "the budget has no more" in turn(world, "ann", bounded)[1]


def test_what_a_killed_process_promised_stays_promised(world: ChatWorld, models: Models) -> None:
    with world.as_api("ann") as connection:
        session = conversation.begin(connection, world.world.accounts["ann"], NewChat(course_id=BIOLOGY)).session_id
        conversation.say(connection, session, ChatMessage(content=QUESTION))
        claimed = answering.claim(connection, session, world.world.accounts["ann"])
        assert claimed is not None
        budgets.reserve(connection, claimed.turn, models)
    assert ledger(world) == [(0, models.most, 0)]
    with world.as_api("ann") as connection:
        budgets.reserve(connection, claimed.turn, models)
        assert budgets.spent(connection, BIOLOGY, "USD").learner == 2 * models.most


def test_wishes_reach_the_prompt_in_force(world: ChatWorld, server: ModelServer, models: Models) -> None:
    with world.as_api("ann") as connection:
        preferences.keep(connection, BIOLOGY, Preferences(level="beginner", language="de"))
    turn(world, "ann", models)
    system, data = (message["content"] for message in server.asked[-1]["messages"])
    assert "level: beginner\nlanguage: de\n</data-" in data
    assert "A block named learner" in system
    turn(world, "ben", models)
    assert "learner>" not in server.asked[-1]["messages"][1]["content"]
    with connect(world.settings, Role.PIPELINE) as connection:
        connection.execute("insert into content.in_force (part, version) values ('prompt', 'answer-1')")
    turn(world, "ann", models)
    assert "A block named learner" not in server.asked[-1]["messages"][0]["content"]
    with connect(world.settings, Role.API) as connection, acting_as(connection, world.world.accounts["ben"]):
        assert preferences.read(connection, BIOLOGY) == Preferences()
