"""Conversations whose answers a model composes, over the socket of a real process and a model's server over HTTP."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import model_server as scripts
import pytest
from chat_world import QUESTION, QUOTED, UNANSWERED, ChatWorld, Tab, build_chat_world, serving
from live_world import Api
from model_server import ModelServer, model_server, says

from studium.settings import Settings
from studium.tutor.chain import BROKEN_OFF, COMPOSED, NO_MODEL
from studium.tutor.prompts import ANSWER
from studium.wire.chat import UNSUPPORTED

GOOD = "Mitochondria release energy from glucose [1]. They were found by Napoleon [1]."
ENVIRONMENT = {
    "MODEL": "openai:cheap", "MODEL_STRONG": "openai:strong", "FIRST_SECONDS": "1", "GAP_SECONDS": "1",
    "TOTAL_SECONDS": "5", "PATIENCE_SECONDS": "4", "ANSWER_TOKENS": "200", "PRICE_IN": "0.5", "PRICE_OUT": "2",
    "PRICE_IN_STRONG": "0.5", "PRICE_OUT_STRONG": "2", "CURRENCY": "EUR", "API_KEY": "key-of-ours",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> ChatWorld:
    return build_chat_world(Settings(home=tmp_path_factory.mktemp("models"), _env_file=None))


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    both(running, says(GOOD))
    running.asked.clear()
    running.left.clear()
    return running


@pytest.fixture(scope="module")
def api(world: ChatWorld, running: ModelServer) -> Iterator[Api]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "BASE_URL": running.url}.items():
            patch.setenv(f"STUDIUM_CHAT_{name}", value)
        with serving(world.settings) as served:
            yield served


@pytest.fixture
def tab(world: ChatWorld, api: Api) -> Iterator[Tab]:
    with Tab().open(api, cookie=world.cookie("ann")) as opened:
        yield opened


def both(server: ModelServer, *does: scripts.Script) -> None:
    server.does("cheap", *does)
    server.does("strong", *does)


def kept(world: ChatWorld, done: dict[str, Any], columns: str) -> tuple[Any, ...]:
    (row,) = world.raw(f"select {columns} from app.chat_turns where turn_id = %s", done["turn_id"])
    return row


def test_a_model_answers_from_the_course(world: ChatWorld, server: ModelServer, tab: Tab) -> None:
    tab.say(QUESTION)
    done = tab.until_done()
    answer = done["answer"]
    assert (done["status"], answer["statement"], answer["shape"]) == ("done", COMPOSED, "explanation")
    assert [(part["supported"], part["goes_on"]) for part in answer["parts"]] == [(True, False), (False, True)]
    assert done["citations"][0]["quote"] == QUOTED
    (text,) = tab.texts.values()
    assert text == (
        f"{COMPOSED}\n\nMitochondria release energy from glucose. [1] They were found by Napoleon. [2] ({UNSUPPORTED})"
    )
    assert done["cost"] == {"tokens_in": 1000, "tokens_out": 200, "amount": pytest.approx(0.0009), "currency": "EUR"}
    assert not answer["cost_is_estimated"]
    model, route, version, standalone, cost = kept(world, done, "model, route, prompt_version, standalone, cost")
    assert (model, version, standalone, cost) == (answer["model"], ANSWER, QUESTION, Decimal("0.0009"))
    assert route.startswith("easy: " if model == "openai:cheap" else "hard: ")
    assert server.keys[-1] == "Bearer key-of-ours"


def test_a_question_is_understood_from_the_conversation(world: ChatWorld, server: ModelServer, tab: Tab) -> None:
    tab.say(QUESTION)
    tab.until_done()
    server.does("cheap", says("What do ribosomes make proteins from?"), says("Ribosomes make proteins [1]."))
    server.does("strong", says("Ribosomes make proteins [1]."))
    tab.say("And the other ones?")
    done = tab.until_done(2)
    assert kept(world, done, "standalone") == ("What do ribosomes make proteins from?",)
    asked = [body["messages"][1]["content"] for body in server.asked]
    assert QUESTION in asked[1]
    assert "And the other ones?" in asked[1]
    assert "What do ribosomes make proteins from?" in asked[2]
    assert done["answer"]["parts"][0]["supported"] is True
    assert done["cost"]["tokens_in"] == 2000


def test_what_the_course_does_not_say_is_refused(server: ModelServer, tab: Tab) -> None:
    both(server, says("NOT_IN_COURSE"))
    tab.say(UNANSWERED)
    answer = tab.until_done()["answer"]
    assert (answer["shape"], answer["parts"]) == ("refusal", [])
    assert "does not answer this" in answer["statement"]


@pytest.mark.parametrize(
    "script",
    [scripts.stalls(), scripts.trickles, scripts.too_many("1"), scripts.broken, scripts.not_json, scripts.malformed,
     scripts.silent, scripts.echoes, scripts.endless, scripts.hangs_up],
)  # fmt: skip
def test_when_no_model_answers_the_course_is_quoted(server: ModelServer, tab: Tab, script: scripts.Script) -> None:
    both(server, script)
    begun = time.monotonic()
    tab.say(QUESTION)
    done = tab.until_done()
    assert (done["status"], done["answer"]["model"], done["answer"]["notices"]) == ("done", None, [NO_MODEL])
    (text,) = tab.texts.values()
    assert QUOTED in text
    assert text.endswith(NO_MODEL)
    assert time.monotonic() - begun < 10


def test_what_breaks_off_is_ended_by_the_course(server: ModelServer, tab: Tab) -> None:
    both(server, scripts.cut_off(f"{GOOD} And"))
    tab.say(QUESTION)
    done = tab.until_done()
    assert done["answer"]["notices"] == [BROKEN_OFF]
    parts = done["answer"]["parts"]
    assert [part["made_by"] for part in parts][:3] == ["model", "model", "course"]
    numbers = [one["number"] for one in done["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert done["citations"][parts[2]["citations"][0] - 1]["quote"].strip() == parts[2]["text"]
    assert done["answer"]["cost_is_estimated"]


def test_a_turn_is_stopped_while_its_model_is_silent(world: ChatWorld, server: ModelServer, tab: Tab) -> None:
    both(server, scripts.says("Mitochondria release energy from glucose [1]. " * 100, pause=0.05))
    tab.say(QUESTION)
    while not tab.texts:
        tab.take()
    (turn_id,) = tab.asked
    assert tab.socket is not None
    tab.socket.send(f'{{"kind": "stop", "turn_id": "{turn_id}"}}')
    assert tab.until_done()["status"] == "stopped"
    assert server.left.wait(5), "the model was not told to stop"
    deadline = time.monotonic() + 5
    while not kept(world, {"turn_id": turn_id}, "tokens_in")[0] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kept(world, {"turn_id": turn_id}, "tokens_in > 100 and tokens_out > 5 and cost > 0") == (True,)
    both(server, says(GOOD))
    tab.say(QUESTION)
    assert tab.until_done(2)["status"] == "done"
