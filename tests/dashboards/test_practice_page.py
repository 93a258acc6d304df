"""The Practice page: a question, an answer with how sure one is, what becomes of it, and the next."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from studium.wire.base import Problem
from studium.wire.practice import KeptBack
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.fake_practice import CURRENT
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]


def press(page: AppTest, start: str) -> AppTest:
    return next(button for button in page.button if button.label.startswith(start)).click().run()


def test_a_question_is_answered_judged_and_followed_by_the_next(open_page: OpenPage, known: FakeStudium) -> None:
    page = open_page("practice")
    assert not page.exception
    assert "Which <b>current</b> is the upstroke?" in told(page)
    assert "how well you know &lt;it&gt;" in told(page)
    assert "Sodium \\<or\\>" not in told(page), "nothing tells the answer before it is given"
    page = press(press(page, "Sodium"), "Fairly sure")
    assert not page.exception
    assert "Right: Sodium" in told(page)
    assert "Fast \\& short." in told(page)
    assert "This session: 1 question, 1 right, 2 min." in told(page)
    (given,) = known.practice.given.values()
    assert (given.question_id, given.choices, given.confidence_level) == (CURRENT.question_id, [0], 3)
    page = press(page, "Next question")
    assert "The threshold, in mV?" in told(page)
    assert "Made from the course" in told(page)
    page.text_input[0].input("12").run()
    page = press(page, "Sure")
    assert "Not right: 12" in told(page)
    assert "**Right answer:** Sodium \\<or\\> -40" in told(page)
    page = press(page, "Next question")
    assert "You have answered all there is for now." in told(page)
    assert "The first comes again" in told(page)


def test_who_says_how_sure_without_an_answer_is_told(open_page: OpenPage, known: FakeStudium) -> None:
    page = press(open_page("practice"), "Unsure")
    assert "Answer first" in told(page)
    assert known.practice.given == {}


def test_one_may_put_a_question_aside_and_take_it_up_again(open_page: OpenPage) -> None:
    page = press(open_page("practice"), "Another question")
    assert "The threshold, in mV?" in told(page)
    page = press(page, "Another question")
    assert "Which <b>current</b>" in told(press(page, "Take up what was put aside"))


def test_trouble_keeps_the_question_and_its_key(open_page: OpenPage, known: FakeStudium) -> None:
    page = press(open_page("practice"), "Sodium")
    known.practice.problem = Problem(title="No", status=503)
    page = press(page, "Sure")
    assert "Nothing of yours is lost" in told(page)
    assert "Which <b>current</b>" in told(page)
    known.practice.problem = None
    page = press(page, "Sure")
    assert "Right: Sodium" in told(page)


def test_what_one_knows_and_what_is_kept_back_is_said(open_page: OpenPage, known: FakeStudium) -> None:
    known.practice.kept_back = [KeptBack(name="Quiz *2*", why="It counts.")]
    said = told(open_page("practice"))
    assert "weak · 28 to 55 % · 23 practice answers" in said
    assert "How well you know what you know" in said
    assert "Kept back: questions of Quiz \\*2\\*. It counts." in said
