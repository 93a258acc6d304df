"""What chat costs, and how one wants answers, on the pages."""

from collections.abc import Callable
from datetime import date

from streamlit.testing.v1 import AppTest

from studium.wire.tutoring import Preferences, Purse, Spending, SpendingDay
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]
DAY = SpendingDay(
    day=date(2026, 11, 20), currency="EUR", turns=41, learners=9, tokens_in=52_000, tokens_out=8_000, spent=0.75
)


def spending(**more: object) -> Spending:
    given = {"currency": "EUR", "has_model": True, "today": Purse(spent=0.02, soft=None, hard=0.5), "month": None}
    return Spending.model_validate(given | {"days": []} | more)


def test_without_a_model_nobody_is_asked_how_answers_are_to_be(open_page: OpenPage) -> None:
    assert not [one for one in open_page("chat").selectbox if one.label == "What you know"]


def test_without_a_model_nothing_is_said_of_costs(known: FakeStudium, open_page: OpenPage) -> None:
    known.role = "instructor"
    assert "What chat costs" not in told(open_page("cohort"))


def test_a_learner_says_how_answers_are_to_be(known: FakeStudium, open_page: OpenPage) -> None:
    known.spending = spending()
    known.preferences = Preferences(language="nl")
    page = open_page("chat")
    assert not page.exception
    assert "Your answers cost 0.02 of 0.50 EUR; then the course is quoted instead today." in told(page)
    page.selectbox(key="wish-level").set_value("beginner")
    page.selectbox(key="wish-length").set_value("short")
    next(one for one in page.button if one.label == "Save").click().run()
    assert not page.exception
    assert known.preferences == Preferences(level="beginner", length="short", language="nl")
    assert "From your next question on." in told(page)


def test_a_teacher_sees_the_courses_month_and_days_without_names(known: FakeStudium, open_page: OpenPage) -> None:
    known.role = "instructor"
    quiet = DAY.model_copy(update={"turns": 1, "learners": None})
    known.spending = spending(month=Purse(spent=3.5, soft=2.0, hard=None), days=[DAY, quiet])
    text = told(open_page("cohort"))
    assert "This month: 3.50 EUR; from 2.00 on the simpler model answers." in text
    assert "41 answers · 9 people · 60,000 tokens" in text
    assert "1 answer · 60,000 tokens" in text
    assert "0.75 EUR" in text
