"""What one has earned, wherever a page shows it."""

import pytest
import streamlit as st
from fastapi.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboards import api
from studium.client import Client
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.test_pages import told


def page() -> None:
    from dashboards import api
    from dashboards.components import standing

    now = api.motivation()
    standing.summary(now)
    standing.streak_card(now)
    standing.goals_card(now)
    standing.badges_card(now.badges)
    standing.earned_card(now)


@pytest.fixture
def shown(known: FakeStudium, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(api, "open_client", lambda: Client(http=TestClient(known.app()), session="of-somebody"))
    st.cache_resource.clear()
    return AppTest.from_function(page, default_timeout=30)


def test_points_streak_goals_and_badges(shown: AppTest) -> None:
    shown.run()
    assert not shown.exception
    said = told(shown)
    assert "Level 2 64 points to level 3" in said
    assert "Streak 4 days today counts" in said
    assert "Best streak: 9 days. Freezes left: 1 of 2" in said
    assert "missed; a freeze kept the streak" in said
    assert "2 of 12 reached." in said
    assert "Card that was due" in said
    assert "Again on the same day" in said
    assert "no points" in said


def test_a_goal_is_set_and_taken_away(shown: AppTest, known: FakeStudium) -> None:
    shown.run()
    assert shown.number_input(key="goal_daily_xp").value == 30
    shown.number_input(key="goal_weekly_days").set_value(5).run()
    assert known.motivation.goals == {"daily_xp": 30, "weekly_days": 5}
    shown.number_input(key="goal_daily_xp").set_value(0).run()
    assert known.motivation.goals == {"daily_xp": None, "weekly_days": 5}
    assert not shown.exception


def test_who_has_not_begun_is_told_how(shown: AppTest, known: FakeStudium) -> None:
    known.motivation.is_new = True
    shown.run()
    said = told(shown)
    assert "Review a card that is due, or answer a question in practice." in said
    assert "Streak 0 days nothing earned yet today" in said
