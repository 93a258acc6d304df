"""The page Chat when one is coached: the switch, the ladder of hints, replies, and answers in their shapes."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from studium.client import Client, Unavailable
from studium.wire.base import Problem
from studium.wire.chat import AnswerPart, ChatAnswer, Mode
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.test_chat_page import ask
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page("chat")


def choose(page: AppTest, mode: Mode) -> AppTest:
    (switch,) = page.get("button_group")
    return switch.set_value(mode).run()


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button if (button.key or "").startswith("step-")]


def press(page: AppTest, label: str) -> AppTest:
    return [button for button in page.button if button.label == label][-1].click().run()


def part(text: str, **more: Any) -> AnswerPart:
    return AnswerPart(text=text, citations=[], supported=None, **{"made_by": "rule", **more})


def coached(shape: Any, *parts: AnswerPart, statement: str = "Think first.", **more: Any) -> ChatAnswer:
    return ChatAnswer(
        statement=statement, shape=shape, parts=list(parts), citations=[], read_next=[], model=None, **more
    )


def test_a_mode_is_chosen_before_the_first_question_and_kept_for_the_next(known: FakeStudium, page: AppTest) -> None:
    choose(page, "hints")
    assert "you climb" in told(page).casefold() or "climb" in told(page)
    assert known.chats.sessions == {}
    ask(page, "Why?")
    (session,) = known.chats.sessions.values()
    assert session.mode == "hints"
    assert known.chats.coached == [("hints", None)]


def test_a_conversation_is_switched(known: FakeStudium, page: AppTest) -> None:
    ask(page, "Why?")
    choose(page, "quiz")
    (session,) = known.chats.sessions.values()
    assert session.mode == "quiz"
    assert page.chat_input[0].placeholder == "Name a topic, or write \u201cQuiz me\u201d"
    ask(page, "preload")
    assert known.chats.coached == [("answer", None), ("quiz", None)]


def test_the_ladder_is_climbed_by_a_button_and_ends(known: FakeStudium, page: AppTest) -> None:
    known.chats.said = coached("hint")
    choose(page, "hints")
    ask(page, "Why?")
    for label in ("Next hint", "Next hint", "Show the answer"):
        assert buttons(page) == [label]
        press(page, label)
    assert known.chats.asked == ["Why?", "Next hint", "Next hint", "Show the answer"]
    (turns,) = known.chats.turns.values()
    assert [turn.rung for turn in turns] == [1, 2, 3, 4]
    assert [mode for mode, _ in known.chats.coached] == ["hints"] * 4
    assert known.chats.coached[1][1] == turns[0].turn_id


def test_the_button_has_a_key_of_its_own(known: FakeStudium, page: AppTest) -> None:
    known.chats.said = coached("hint")
    ask(choose(page, "hints"), "Why?")
    (button,) = [button for button in page.button if button.label == "Next hint"]
    assert button.proto.shortcut.casefold() == "alt+n"


def test_a_question_back_is_replied_to(known: FakeStudium, page: AppTest) -> None:
    known.chats.said = coached("question", part("It lasts ____ as long."), statement="Fill the gap.", asks=True)
    ask(choose(page, "quiz"), "preload")
    assert page.chat_input[0].placeholder == "Your reply"
    assert '<p class="studium-said studium-gaps">It lasts ____ as long.</p>' in told(page)
    assert buttons(page) == ["I don't know", "Another question"]
    known.chats.said = coached("judgement", statement="Right.", notices=["Judged by rule."])
    ask(page, "almost")
    assert "Right." in told(page)
    assert "Judged by rule." in told(page)
    assert page.chat_input[0].placeholder != "Your reply"
    assert buttons(page) == ["Another question"]
    press(page, "Another question")
    assert known.chats.asked[-1] == "Another question"


def test_what_failed_is_asked_again_as_the_same_hint(known: FakeStudium, page: AppTest) -> None:
    known.chats.said = coached("hint")
    ask(choose(page, "hints"), "Why?")
    known.chats.fails = True
    press(page, "Next hint")
    known.chats.fails = False
    press(page, "Ask again")
    (turns,) = known.chats.turns.values()
    assert known.chats.coached[-1] == ("hints", turns[0].turn_id)


def test_what_an_open_quiz_holds_is_said_and_nothing_to_press(known: FakeStudium, page: AppTest) -> None:
    known.chats.said = coached("held", statement="You have an attempt at \u201cMock <b>exam</b>\u201d open.")
    text = told(ask(page, "Where?"))
    assert "Mock &lt;b&gt;exam&lt;/b&gt;" in text
    assert buttons(page) == []


def test_two_things_stand_side_by_side_and_lists_are_lists(known: FakeStudium, page: AppTest) -> None:
    known.chats.said = coached(
        "comparison",
        part("A stretch.", made_by="course", side="pre<load"),
        part("A stress.", made_by="course", side="afterload"),
        part("Both.", made_by="course"),
    )
    text = told(ask(page, "Compare!"))
    assert '<div class="studium-sides"><div><h4>pre&lt;load</h4><blockquote class="studium-quote">A stretch.' in text
    assert text.index("A stress.") < text.index("Of both") < text.index("Both.")
    known.chats.said = coached("steps", *(part(f"{n}. Do <i>it</i>", made_by="course") for n in (1, 2, 3)))
    text = told(ask(page, "How?"))
    assert "<li>1. Do &lt;i&gt;it&lt;/i&gt;</li><li>2. Do" in text


def test_a_models_part_is_said_above(known: FakeStudium, page: AppTest) -> None:
    assert "no model wrote them" in told(page)
    known.chats.said = coached("hint", part("What ends first?", made_by="model")).model_copy(update={"model": "m"})
    ask(choose(page, "hints"), "Why?")
    assert "no model wrote them" not in told(page)
    assert "A model worded some of this" in told(page)


def test_figures_that_are_not_built_keep_nobody_from_asking(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_built(*_: object) -> object:
        raise Unavailable(Problem(title="The course data has not been built yet", status=503))

    monkeypatch.setattr(Client, "spending", not_built)
    st.cache_data.clear()
    text = told(ask(page, "Why?"))
    assert "not been built" not in text
    assert "The course answers this in two places." in text
