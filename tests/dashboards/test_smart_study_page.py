"""Smart Study: what lies on the table, what is said when nothing does, a card by hand, and how one studies."""

from streamlit.testing.v1 import AppTest

from tests.dashboards.conftest import OpenPage
from tests.dashboards.fake_api import FakeStudium


def table(page: AppTest) -> dict[str, object]:
    """What lies on the table."""
    found: dict[str, object] = page.session_state["review-session"]
    return found


def test_without_cards_the_page_says_where_they_come_from(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("smart_study")
    assert not page.exception
    assert "No cards here yet" in " ".join(block.body for block in page.get("html"))


def test_cards_lie_on_the_table_until_others_are_asked_for(known: FakeStudium, open_page: OpenPage) -> None:
    known.cards.add("What is a **cell**?", "The unit of life.")
    page = open_page("smart_study")
    assert not page.exception
    first = table(page)
    assert first["filter"] == {"course_id": "physiology:2"}
    page.run()
    assert table(page)["session"] == first["session"]
    page.selectbox(key="study-what").select_index(1).run()
    assert "deck_id" in table(page)["filter"]  # type: ignore[operator]
    page.selectbox(key="study-what").select_index(2).run()
    assert table(page)["filter"] == {}
    assert table(page)["session"] != first["session"]


def test_a_card_by_hand_lies_on_the_table_at_once(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("smart_study")
    page.text_area(key="card-front").input("What carries the funny current?")
    page.text_area(key="card-back").input("HCN channels.")
    page.text_input(key="card-tags").input("heart exam")
    page.selectbox(key="card-topic").select_index(1)
    next(button for button in page.button if button.label == "Add the card").click().run()
    assert not page.exception
    [card] = known.cards.cards
    assert (card.front, card.tags, card.topic_id) == (
        "What carries the funny current?", ["heart", "exam"], "physiology:21"
    )  # fmt: skip
    assert len(table(page)["due"]["cards"]) == 1  # type: ignore[index]


def test_how_one_studies_is_kept(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("smart_study")
    page.radio(key="study-scheduler").set_value("sm2")
    page.slider(key="study-retention").set_value(85)
    page.number_input(key="study-new").set_value(7)
    page.selectbox(key="study-day-Sun").set_value(0)
    next(button for button in page.button if button.label == "Keep").click().run()
    assert not page.exception
    kept = known.cards.settings
    assert (kept.scheduler, kept.desired_retention, kept.new_per_day) == ("sm2", 0.85, 7)
    assert kept.easy_days == [100, 100, 100, 100, 100, 100, 0]
