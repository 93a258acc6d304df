"""What a turn may use after so much was spent, and what its calls may cost."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from langchain_core.messages import BaseMessage, HumanMessage
from model_server import ModelServer, model_server, says

from studium.settings import Settings
from studium.tutor.budgets import Spent, decide
from studium.tutor.models import Models, open_models
from studium.tutor.spending import Budgets, Limits, Price, Spending
from studium.tutor.streams import StreamError

ZERO = Decimal(0)


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture
def models(server: ModelServer) -> Models:
    given = Settings(
        chat_model="openai:cheap", chat_model_strong="openai:strong", chat_base_url=server.url, chat_price_in=1,
        chat_price_out=1, chat_price_in_strong=10, chat_price_out_strong=10, _env_file=None,
    )  # fmt: skip
    made = open_models(given)
    assert made is not None
    return made


def spent(**purses: Decimal) -> Spent:
    return Spent(**{"learner": ZERO, "course": ZERO, "site": ZERO} | purses)


def test_without_limits_everything_may_be_used(models: Models) -> None:
    granted = decide(Budgets(), spent(site=Decimal(10**6)), models)
    assert (granted.models, granted.reserved, granted.notice) == (models, models.most, None)


def test_the_strong_model_costs_more(models: Models) -> None:
    assert models.most > models.saving().most > 0
    assert models.saving().strong is models.cheap


@pytest.mark.parametrize("purse", ["learner", "course", "site"])
def test_past_a_soft_bound_the_cheap_model_answers_alone(models: Models, purse: str) -> None:
    budgets = Budgets(**{purse: Limits(soft=Decimal(1))})
    assert decide(budgets, spent(**{purse: Decimal("0.99")}), models).models is models
    granted = decide(budgets, spent(**{purse: Decimal(1)}), models)
    assert granted.models == models.saving()
    assert granted.reserved == models.saving().most
    assert granted.notice is not None
    assert "simpler model" in granted.notice


@pytest.mark.parametrize("purse", ["learner", "course", "site"])
def test_a_hard_bound_is_never_passed(models: Models, purse: str) -> None:
    hard = Decimal(1)
    budgets = Budgets(**{purse: Limits(hard=hard)})
    room = decide(budgets, spent(**{purse: hard - models.most}), models)
    assert (room.models, room.notice) == (models, None)
    little = decide(budgets, spent(**{purse: hard - models.saving().most}), models)
    assert little.models == models.saving()
    none = decide(budgets, spent(**{purse: hard - models.saving().most + Decimal("0.000001")}), models)
    assert (none.models, none.reserved) == (None, 0)
    assert none.notice is not None
    assert "used up" in none.notice


def test_the_hardest_purse_decides(models: Models) -> None:
    budgets = Budgets(learner=Limits(soft=ZERO), site=Limits(hard=ZERO))
    granted = decide(budgets, spent(), models)
    assert granted.models is None
    assert granted.notice is not None
    assert "cost here" in granted.notice


def test_a_model_that_costs_nothing_has_no_budget(server: ModelServer) -> None:
    free = open_models(Settings(chat_model="openai:free", chat_base_url=server.url, _env_file=None))
    assert free is not None
    assert decide(Budgets(learner=Limits(hard=ZERO)), spent(), free).models == free


def test_one_model_saves_nothing_and_says_nothing_of_it(server: ModelServer) -> None:
    one = open_models(Settings(chat_model="openai:m", chat_base_url=server.url, chat_price_in=1, _env_file=None))
    assert one is not None
    assert decide(Budgets(learner=Limits(soft=ZERO)), spent(), one).notice is None
    assert decide(Budgets(learner=Limits(soft=ZERO, hard=one.most / 2)), spent(), one).models is None


def test_a_call_that_could_cost_more_than_is_left_is_not_begun() -> None:
    price, asked = Price(Decimal(100), Decimal(100)), "word " * 100
    spending = Spending(limit=Decimal("0.1"))
    assert spending.allows(price, asked, 100)
    assert not spending.allows(price, asked, 1000)
    spending.amount = Decimal("0.09")
    assert not spending.allows(price, asked, 100)
    assert Spending().allows(price, asked, 10**9)


def test_a_model_is_not_asked_for_more_than_is_left(server: ModelServer, models: Models) -> None:
    server.does("cheap", says("A word."))
    messages: list[BaseMessage] = [HumanMessage("word " * 100)]
    most = models.cheap.price.of(151, int(models.bounds.characters / 8 * 1.5))
    spending = Spending(limit=most / 2)
    with pytest.raises(StreamError, match="the budget has no more"):
        list(models.cheap.say(messages, models.bounds, spending))
    assert (server.asked, spending.amount) == ([], 0)
    spending.limit = 2 * most
    assert "".join(models.cheap.say(messages, models.bounds, spending)) == "A word."
    assert spending.amount == models.cheap.price.of(1000, 200)
