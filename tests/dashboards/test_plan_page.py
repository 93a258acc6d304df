"""The page Plan: choosing an exam, what is promised and how sure it is, other minutes, and how memory was fitted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from studium.wire.plan import Agreement, Bin, Gain, MemoryFit
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.fake_plan import TODAY, expected, outlook
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]


@pytest.fixture
def planned(known: FakeStudium) -> FakeStudium:
    known.plan.exam, known.plan.status, known.plan.outlook = TODAY + timedelta(days=10), "ready", outlook()
    return known


def test_without_an_exam_it_asks_for_one(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("plan")
    assert not page.exception
    assert "Say when your exam is" in told(page)
    page.date_input(key="plan-day").set_value(TODAY + timedelta(days=30))
    page.number_input(key="plan-minutes").set_value(25)
    next(button for button in page.button if button.label == "Plan it").click().run()
    assert (known.plan.exam, known.plan.minutes) == (TODAY + timedelta(days=30), 25)


def test_a_plan_promises_a_range_and_says_what_it_rests_on(planned: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("plan")
    assert not page.exception
    values = {metric.label: metric.value for metric in page.metric}
    assert values["If you follow the plan"] == "84 to 92 %"
    assert values["If the exam were today"] == "55 to 65 %"
    text = told(page)
    assert "1,234 of your own reviews" in text
    assert "5 due, 2 new" in text


def test_the_slider_says_what_other_minutes_change_and_takes_them(planned: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("plan")
    assert "This is your plan" in told(page)
    page.select_slider(key="plan-slider").set_value(10).run()
    text = told(page)
    assert "10 minutes a day: 66 to 75 %" in text
    assert "30 cards would never be met" in text
    assert "18 points fewer" in text
    page.button(key="plan-take").click().run()
    assert planned.plan.minutes == 10


def test_of_too_few_reviews_it_says_that_the_range_is_wide(planned: FakeStudium, open_page: OpenPage) -> None:
    planned.plan.outlook = outlook(reviews_heard=0)
    assert "the range is wide" in told(open_page("plan"))


def test_it_says_plainly_when_ten_points_cannot_be_promised(planned: FakeStudium, open_page: OpenPage) -> None:
    assert "enough for a range of ten points" not in told(open_page("plan"))
    planned.plan.outlook = outlook(expected=expected(0.8, 0.74, 0.85))
    assert "enough for a range of ten points" in told(open_page("plan"))


def test_a_fit_shows_log_loss_before_and_after(planned: FakeStudium, open_page: OpenPage) -> None:
    bins = [Bin(expected=0.7, recalled=0.72, reviews=50), Bin(expected=0.95, recalled=0.91, reviews=50)]
    before, after = (Agreement(reviews=100, log_loss=loss, rmse_bins=0.05, calibration=bins) for loss in (0.41, 0.38))
    facts = {"reviews": 900, "tested": 500, "needed": 400, "judged_from": datetime.now(UTC)}
    planned.plan.fit = MemoryFit(
        verdict="promoted", before=before, after=after, gain=Gain(mean=0.03, low=0.01, high=0.05),
        fitted_at=datetime.now(UTC), **facts,
    )  # fmt: skip
    page = open_page("plan")
    values = {metric.label: metric.value for metric in page.metric}
    assert (values["Log-loss before"], values["Log-loss of the fit"]) == ("0.410", "0.380")
    assert "is in use" in told(page)
