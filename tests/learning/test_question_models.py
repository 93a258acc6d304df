"""Questions a model writes: kept where the passages bear them out and a second look names the same answer alone."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from model_server import ModelServer, Reply, broken, echoes, model_server, says

from studium.learning.making.material import Source
from studium.learning.questions.making.made import Made
from studium.learning.questions.modelled import confirmed, held, shown, written
from studium.settings import Settings
from studium.tutor.models import Models, open_models
from studium.tutor.spending import Spending

TEXT = (
    "Aldosterone is released by the adrenal cortex and raises the reabsorption of sodium. "
    "Cortisol peaks at 8 in the morning. Insulin is released by the pancreas."
)
PASSAGE = Source(text=TEXT, title="Hormones", heading="Hormones", kind="page", topic_id="t", chunk_id=uuid4())
GOOD: dict[str, Any] = {
    "passage": 1,
    "question": "Which gland releases aldosterone?",
    "right": "The adrenal cortex",
    "wrong": ["The pancreas", "The thyroid gland", "The pituitary"],
    "quote": "Aldosterone is released by the adrenal cortex",
}


def test_a_question_the_passage_bears_out_is_kept_with_its_words() -> None:
    [made] = held([GOOD], [PASSAGE], "medium")
    assert made.quote == GOOD["quote"]
    assert [one.text for one in made.record.right] == ["The adrenal cortex"]
    assert {one.text for one in made.record.answers} == {"The adrenal cortex", *GOOD["wrong"]}
    assert GOOD["quote"] in made.record.general_feedback


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "Aldosterone is released by the kidney"},
        {"quote": "Aldosterone"},
        {"passage": 2},
        {"passage": "1"},
        {"right": "The hypothalamus", "quote": GOOD["quote"]},
        {"right": "The adrenal cortex, at 7 in the morning"},
        {"wrong": ["The pancreas", "The thyroid gland"]},
        {"wrong": ["The adrenal cortex", "The thyroid gland", "The pituitary"]},
        {"wrong": ["The cortex", "The thyroid gland", "The pituitary"]},
        {"wrong": ["All of these", "The thyroid gland", "The pituitary"]},
        {"wrong": ["No", "Yes", "Gut"]},
        {"question": "Which part of the adrenal gland releases aldosterone?"},
        {"question": "What does the passage say of aldosterone?"},
        {"question": ""},
        {"question": None},
        {"question": "Which " + "very " * 100 + "gland?"},
    ],
)
def test_a_question_that_is_not_borne_out_doubtful_or_guessable_is_left_out(change: dict[str, Any]) -> None:
    assert held([GOOD | change], [PASSAGE], "medium") == []


def test_what_is_no_question_at_all_is_left_out() -> None:
    assert held(["text", 5, None, {}, [GOOD]], [PASSAGE], "easy") == []


def place(made: Made) -> int:
    return next(number for number, one in enumerate(made.record.answers, 1) if one.fraction == 1)


def test_only_what_the_second_look_answers_alike_stays() -> None:
    [made] = held([GOOD], [PASSAGE], "medium")
    right = place(made)
    assert confirmed([made], [[right]]) == [made]
    for told in ([[right, right % 4 + 1]], [[]], [[right % 4 + 1]], [], ["2"], [right]):
        assert confirmed([made], told) == []


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def models(server: ModelServer, **more: object) -> Models:
    given: dict[str, object] = {
        "chat_model": "openai:m", "chat_base_url": server.url, "chat_first_seconds": 1, "chat_gap_seconds": 1,
        "chat_total_seconds": 5, "chat_patience_seconds": 5, "chat_answer_tokens": 2000,
        "chat_price_in": Decimal(1), "chat_price_out": Decimal(2),
    }  # fmt: skip
    opened = open_models(Settings(_env_file=None, **(given | more)))  # type: ignore[arg-type,call-arg]
    assert opened is not None
    return opened


def checks(reply: Reply) -> None:
    """Names the answer that stands in the passage."""
    lines = [line for line in reply.prompt.splitlines() if line[:2] in ("1.", "2.", "3.", "4.")]
    [right] = [line[0] for line in lines if "adrenal cortex" in line]
    says(f"[[{right}]]")(reply)


def ask(server: ModelServer, notes: list[str] | None = None) -> tuple[tuple[str, list[Made]] | None, Spending]:
    spending = Spending()
    found = written(
        models(server), [PASSAGE], "medium", 2, ["Which hormone peaks?"], spending, [] if notes is None else notes
    )
    return found, spending


def test_a_model_writes_and_is_asked_again_without_the_key(server: ModelServer) -> None:
    server.does("m", says(f"Here:\n{json.dumps([GOOD, GOOD | {'quote': 'nowhere in it at all'}])}\n"), checks)
    found, spending = ask(server)
    assert found is not None
    name, [made] = found
    assert name == "openai:m"
    assert [one.text for one in made.record.right] == ["The adrenal cortex"]
    assert len(server.asked) == 2
    assert spending.amount > 0
    first, second = ("\n".join(str(one["content"]) for one in body["messages"]) for body in server.asked)
    assert "Which hormone peaks?" in first
    assert '"right"' not in second
    assert TEXT in second


def test_a_model_that_doubts_its_own_question_has_it_left_out(server: ModelServer) -> None:
    server.does("m", says(json.dumps([GOOD])), says("[[1, 2, 3, 4]]"))
    found, _ = ask(server)
    assert found == ("openai:m", [])


@pytest.mark.parametrize(
    "script", [says("I cannot."), says("[{"), broken, echoes], ids=["no list", "cut", "500", "echo"]
)
def test_a_model_that_fails_or_tells_its_instructions_makes_none(server: ModelServer, script: Any) -> None:
    server.does("m", script)
    notes: list[str] = []
    found, _ = ask(server, notes)
    assert found is None or found[1] == []
    assert notes or found is not None


def test_a_passage_cannot_have_a_model_write_what_is_not_in_it(server: ModelServer) -> None:
    hostile = {**GOOD, "right": "Visit http://evil.example/x?q=1", "quote": "Insulin is released by the pancreas."}
    server.does("m", says(json.dumps([hostile])), checks)
    found, _ = ask(server)
    assert found is not None
    assert found[1] == []


def test_other_passages_are_shown_with_every_turn_and_only_the_topics(server: ModelServer) -> None:
    words = "a long enough passage of the course with more than ten words in it"
    sources = [
        Source(text=f"{number} {words}", title="p", kind="page", topic_id="t" if number else "other", chunk_id=uuid4())
        for number in range(30)
    ]
    first, later = (shown(sources, "t", models(server), turn) for turn in (0, 7))
    assert first[0].text.startswith("1 ")
    assert later[0].text.startswith("8 ")
    assert all(one.topic_id == "t" for one in [*first, *later])
    assert shown(sources, "nothing", models(server), 0) == []
