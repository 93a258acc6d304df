"""The page Questions, and the thumbs under an answer."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.components import words
from dashboards.components.chat_feedback import CONSENT
from studium.wire.base import Problem
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.fake_questions import digest, topic
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]


@pytest.fixture
def opened(known: FakeStudium, open_page: OpenPage) -> Callable[[], AppTest]:
    known.role = "instructor"
    return lambda: open_page("questions")


def labelled(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label == label)


def test_an_empty_page_says_what_to_do(opened: Callable[[], AppTest]) -> None:
    page = opened()
    text = told(page)
    assert not page.exception
    assert "Nothing put together yet" in text
    assert "Nothing waits for you" in text
    assert "No correction yet" in text
    assert "You see no conversation and no name" in text
    assert page.button(key="refresh")


def test_it_can_be_put_together_anew(known: FakeStudium, opened: Callable[[], AppTest]) -> None:
    page = opened()
    page.button(key="refresh").click().run()
    assert known.questions.request == "queued"
    assert "Being put together anew" in told(page)
    assert not [button for button in page.button if button.key == "refresh"]


def test_of_too_few_it_says_so_and_no_number(known: FakeStudium, opened: Callable[[], AppTest]) -> None:
    known.questions.digest = digest(is_withheld=True, asks=0, askers=0, topics=[], gaps=[], places=[])
    page = opened()
    assert "Fewer than 3 people asked" in told(page)
    assert not page.metric


def test_topics_gaps_and_pages_say_how_many_and_how_sure(known: FakeStudium, opened: Callable[[], AppTest]) -> None:
    known.questions.digest = digest()
    page = opened()
    text = told(page)
    assert "preload · &lt;afterload&gt;" in text
    assert "<afterload>" not in text
    assert "2 refused · 1 not sure" in text
    assert "4 people" in text
    assert "closely alike" in text
    assert "7 more questions had too few like them" in text
    assert "Not answered 25 % 3 of 12 · 9 to 53 %" in text
    assert f"Found helpful {words.NOTHING} fewer than 3 people gave a thumb" in text
    assert "Questions of 25 Oct to 22 Nov" in text
    assert "#page=4" in text


def test_topics_without_words_or_gaps_are_said_to(known: FakeStudium, opened: Callable[[], AppTest]) -> None:
    known.questions.digest = digest(topics=[topic(likeness=0.45)], gaps=[], places=[])
    text = told(opened())
    assert "Alike in meaning, in different words" in text
    assert "loosely alike" in text
    assert "3 questions were not surely answered, but no three people asked alike." in text
    assert "No page yet" in text


def test_a_reported_answer_is_text_and_is_put_aside(known: FakeStudium, opened: Callable[[], AppTest]) -> None:
    evil = "<img src=x onerror=alert(1)>"
    report = known.questions.report(f"Why? {evil}", words=evil, is_withheld=True)
    page = opened()
    text = told(page)
    assert "Why? &lt;img" in text
    assert "<img" not in text
    assert "Cells are &lt;b&gt;small&lt;/b&gt;." in text
    assert "It is wrong." in text
    assert "is left out" in text
    page.button(key=f"aside-{report.report_id}").click().run()
    assert known.questions.dismissed == [report.report_id]
    assert "Nothing waits for you" in told(page)


def form(page: AppTest, label: str, form_id: str) -> Any:
    """The field, or button, of one form."""
    fields = [*page.text_area, *page.button]
    return next(one for one in fields if one.label == label and one.form_id == form_id)


def test_a_correction_is_written_and_withdrawn(known: FakeStudium, opened: Callable[[], AppTest]) -> None:
    report = known.questions.report("How many?")
    page, name = opened(), f"correction-{report.report_id}"
    assert form(page, "The question", name).value == "How many?"
    form(page, "Publish it to the course", name).click().run()
    assert "Write the question and your answer." in page.warning[0].value
    assert known.questions.corrected == []
    form(page, "Your answer", name).set_value(" Two. ")
    form(page, "Publish it to the course", name).click().run()
    (new,) = known.questions.corrected
    assert (new.question, new.words, new.report_id, new.cited_page) == ("How many?", "Two.", report.report_id, None)
    text = told(page)
    assert "Nothing waits for you" in text
    assert "is being read" in text
    (made,) = known.questions.corrections
    page.button(key=f"withdraw-{made.correction_id}").click().run()
    assert "No correction yet" in told(page)


def test_what_the_api_does_not_take_is_said_where_it_was_written(
    known: FakeStudium, opened: Callable[[], AppTest]
) -> None:
    known.questions.problem = Problem(title="No", status=422, detail="The document is none of this course.")
    page = opened()
    form(page, "The question", "correction-new-0").set_value("Q")
    form(page, "Your answer", "correction-new-0").set_value("A")
    form(page, "Publish it to the course", "correction-new-0").click().run()
    assert page.error[0].value == "The document is none of this course."
    assert form(page, "Your answer", "correction-new-0").value == "A", "nothing is lost"
    known.questions.problem = None
    form(page, "Publish it to the course", "correction-new-0").click().run()
    assert [new.words for new in known.questions.corrected] == ["A"]
    assert form(page, "Your answer", "correction-new-1").value == "", "the next one is empty"


def test_a_golden_question_is_kept_and_forgotten(known: FakeStudium, opened: Callable[[], AppTest]) -> None:
    page = opened()
    form(page, "The question", "keep-new-0").set_value("Q")
    form(page, "Keep it", "keep-new-0").click().run()
    assert known.questions.golden == [], "an answerable one needs its words"
    page.radio(key="said-new-0").set_value("No").run()
    form(page, "The question", "keep-new-0").set_value("Q")
    form(page, "Keep it", "keep-new-0").click().run()
    (kept,) = known.questions.golden
    assert (kept.question, kept.kind) == ("Q", "unanswerable")
    page.button(key=f"forget-{kept.golden_id}").click().run()
    assert known.questions.golden == []


def answered(page: AppTest) -> AppTest:
    return page.chat_input[0].set_value("What makes it fire?").run()


def test_a_thumb_up_is_given_and_taken_back(known: FakeStudium, open_page: OpenPage) -> None:
    page = answered(open_page("chat"))
    page.button(key="up-1").click().run()
    (given,) = known.questions.feedback.values()
    assert (given.verdict, given.is_shared) == ("up", False)
    page.button(key="up-1").click().run()
    assert known.questions.feedback == {}


def test_a_thumb_down_needs_a_reason_and_shows_teachers_only_what_one_agrees_to(
    known: FakeStudium, open_page: OpenPage
) -> None:
    page = answered(open_page("chat"))
    assert not labelled(page.checkbox, CONSENT).value
    labelled(page.button, "Send").click().run()
    assert known.questions.feedback == {}
    assert "Choose what is not good about it." in told(page)
    labelled(page.radio, "What is not good about it?").set_value("wrong")
    labelled(page.text_area, "In your words (optional)").set_value("  ")
    labelled(page.button, "Send").click().run()
    (given,) = known.questions.feedback.values()
    assert (given.verdict, given.reason, given.words, given.is_shared) == ("down", "wrong", None, False)
    assert "Your teachers" not in told(page)
    known.questions.report_status = "corrected"
    labelled(page.checkbox, CONSENT).check()
    labelled(page.button, "Change it").click().run()
    assert "Your teachers wrote a correction." in told(page)
    labelled(page.button, "Take it back").click().run()
    assert known.questions.feedback == {}


def test_what_was_not_answered_has_no_thumbs(known: FakeStudium, open_page: OpenPage) -> None:
    known.chats.fails = True
    page = answered(open_page("chat"))
    assert not [button for button in page.button if button.key == "up-1"]
