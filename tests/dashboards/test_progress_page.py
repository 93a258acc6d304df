"""Progress and the next step: what is said, what can be contested, and what an empty page says to do."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from studium.wire.mastery import NextStep
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.fake_learning import HEART, PIECE, topic
from tests.dashboards.fake_practice import TOPIC
from tests.dashboards.test_pages import draws, told

OpenPage = Callable[..., AppTest]


def test_each_topic_says_how_sure_it_is(open_page: OpenPage) -> None:
    page = open_page("progress")
    assert not page.exception
    said = told(page)
    assert "strong · 71 to 97 % · 30 card reviews, 8 quiz answers" in said
    assert "weak · 28 to 55 % · 23 practice answers" in said
    assert "nothing answered yet" in said
    assert draws(page) == 3
    assert "You are surer than you are right" in said or "fits how often you are right" in said
    assert "From 22 answers." in said


def test_what_was_asked_is_shown_as_words_and_nothing_else(open_page: OpenPage) -> None:
    said = told(open_page("progress"))
    assert "&lt;img src=x onerror=alert(1)&gt; **What** opens" in said
    assert "<img" not in said
    assert "forgotten" in said


def test_a_piece_is_contested_and_counts_again(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("progress")
    page.radio[0].set_value("bad_question")
    page.text_input[0].set_value("  The answer is <b>wrong</b> ")
    next(button for button in page.button if button.label == "Let it not count").click().run()
    assert not page.exception
    (piece,) = known.learning.evidence
    assert piece.contest is not None
    assert (piece.contest.reason, piece.contest.words) == ("bad_question", "The answer is <b>wrong</b>")
    assert "contested, counts for nothing (the question or card is wrong" in told(page)
    assert "&lt;b&gt;wrong" in told(page)
    page.button(key=f"accept-{PIECE}").click().run()
    assert known.learning.evidence[0].contest is None


def test_who_has_done_nothing_is_told_how_to_begin(known: FakeStudium, open_page: OpenPage) -> None:
    known.learning.topics = [topic(HEART, "Heart", 1)]
    known.learning.days, known.learning.due, known.learning.sure = [], [0], {}
    page = open_page("progress")
    assert not page.exception
    said = told(page)
    assert "Practise a few questions, or review cards for a second day." in said
    assert "The first card you review or question you answer starts this map." in said
    assert "7 cards not begun yet." in said
    assert "after 10 more answers it shows how well that fits" in said
    assert draws(page) == 0


def test_a_course_without_topics_says_so(known: FakeStudium, open_page: OpenPage) -> None:
    known.learning.topics = []
    assert "Topics are the course&#x27;s sections" in told(open_page("progress"))


def test_the_dashboard_begins_with_the_next_step(open_page: OpenPage) -> None:
    page = open_page("dashboard")
    assert not page.exception
    said = told(page)
    assert "24 cards are due; about 4 of them are forgotten by now." in said
    assert "12 of 30 minutes planned for today are done. Your exam is in 19 days." in said
    assert "Read: Gas &lt;exchange&gt;" in said
    assert [button.label for button in page.button][:2] == ["Start reviewing", "Start practising"]


def test_the_way_to_practice_names_the_topic(known: FakeStudium, open_page: OpenPage) -> None:
    known.learning.steps = [step.model_copy(update={"topic_id": TOPIC}) for step in known.learning.steps]
    page = open_page("dashboard")
    next(button for button in page.button if button.label == "Start practising").click().run()
    assert not page.exception
    assert "Practice" in [title.value for title in page.title]
    assert page.selectbox(key="practice-topic").value == TOPIC


def test_what_was_earned_stands_beside_it(open_page: OpenPage) -> None:
    assert "Streak" in told(open_page("dashboard"))
    said = told(open_page("progress"))
    assert all(title in said for title in ("Your days", "Your goals", "Badges", "What you earned last"))


def test_a_rest_needs_no_button(known: FakeStudium, open_page: OpenPage) -> None:
    known.learning.steps = [NextStep(kind="rest", reason="You have studied 55 minutes without a pause.", minutes=10)]
    page = open_page("dashboard")
    assert not page.exception
    assert "Take a break" in told(page)
    assert not [button for button in page.button if button.label.startswith("Start")]
