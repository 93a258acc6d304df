"""The page Chat: asked, answered with its sources, carried on, found again; and when something goes wrong."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from studium.client import TooManyRequests
from studium.clients import chats
from studium.wire.base import Problem
from studium.wire.chat import ChatMessage
from tests.dashboards.fake_api import COURSE, OTHER_COURSE, PASSAGE, FakeStudium
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]
QUOTED = PASSAGE.replace("&", "&amp;")


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page("chat")


def ask(page: AppTest, question: str) -> AppTest:
    return page.chat_input[0].set_value(question).run()


def links(page: AppTest) -> list[str]:
    return [link.proto.url for link in page.get("link_button")]


def test_an_empty_page_says_what_to_do(known: FakeStudium, page: AppTest) -> None:
    assert "Ask CVS201 anything it covers" in told(page)
    assert "Write your question below" in told(page)
    assert "no model wrote them" in told(page)
    assert known.chats.sessions == {}, "looking begins nothing"


def test_an_answer_is_quoted_with_its_places(known: FakeStudium, page: AppTest) -> None:
    text = told(ask(page, "  What makes it fire?  "))
    assert not page.exception
    assert known.chats.asked == ["What makes it fire?"]
    assert "The course answers this in two places." in text
    assert f'<blockquote class="studium-quote">{QUOTED}<sup class="studium-cited">1</sup>' in text
    assert "<h" not in text.split("What makes it fire?")[0], "what is asked is text"
    assert f'<span class="around">Pacemaker cells.</span> <mark>{QUOTED}</mark>' in text
    assert "page 4" in text
    assert "slide 12" in text
    assert any(link.endswith("/content#page=4") for link in links(page))
    assert not any(link.endswith("#page=12") for link in links(page)), "a browser cannot open slides at their number"
    assert "Read further" in [expander.label for expander in page.expander]


def test_the_source_is_shown_in_place_with_the_passage_marked(page: AppTest) -> None:
    ask(page, "What makes it fire?")
    page.button(key="read-1-2").click().run()
    source = next(text for text in told(page).splitlines() if 'class="studium-source"' in text)
    assert f"<mark>{QUOTED}</mark>" in source
    assert "&lt;b&gt;later&lt;/b&gt;" in source, "course text is escaped"


def test_what_is_asked_and_answered_is_never_markup(known: FakeStudium, page: AppTest) -> None:
    evil = "<img src=x onerror=alert(1)> ![x](http://evil.test/a.png) [a](http://evil.test)"
    known.chats.quotes = [quote.model_copy(update={"text": evil}) for quote in known.chats.quotes]
    text = told(ask(page, evil))
    assert "&lt;img src=x" in text
    assert "<img" not in text
    assert not any("evil.test" in markdown.value for markdown in page.markdown), "no Markdown is made of it"


def test_it_says_when_the_course_does_not_answer(known: FakeStudium, page: AppTest) -> None:
    known.chats.answers_questions = False
    text = told(ask(page, "Who won the cup?"))
    assert "The course does not say anything about this." in text
    assert "Sources" not in text


def test_a_conversation_goes_on_and_keeps_its_address(known: FakeStudium, page: AppTest, open_page: OpenPage) -> None:
    ask(ask(page, "First?"), "Second?")
    (session_id,) = known.chats.sessions
    assert [turn.content for turn in known.chats.turns[session_id]] == ["First?", "Second?"]
    assert page.query_params["chat"] == str(session_id)
    assert told(page).index("First?") < told(page).index("Second?")


def test_the_panel_shows_the_sources_of_the_answer_one_picks(page: AppTest) -> None:
    ask(ask(page, "First?"), "Second?")
    assert page.button(key="read-2-1")
    page.button(key="sources-1").click().run()
    assert page.button(key="read-1-1")
    assert not [button for button in page.button if button.key == "read-2-1"]


def test_a_stream_that_breaks_is_taken_up_again(
    known: FakeStudium, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats, "PAUSES", (0.0, 0.0, 0.0))
    known.chats.breaks = 2
    text = told(ask(page, "What makes it fire?"))
    assert known.chats.asked == ["What makes it fire?"], "and is not asked twice"
    assert QUOTED in text


def test_what_failed_can_be_asked_again(known: FakeStudium, page: AppTest) -> None:
    known.chats.fails = True
    ask(page, "What makes it fire?")
    assert page.warning[0].value == "Something went wrong here."
    known.chats.fails = False
    next(button for button in page.button if button.label == "Ask again").click().run()
    assert known.chats.asked == ["What makes it fire?"] * 2
    assert QUOTED in told(page)


def test_what_another_visit_left_open_is_told_to_its_end(known: FakeStudium, open_page: OpenPage) -> None:
    session = known.chats.begin(COURSE)
    known.chats.say(session.session_id, ChatMessage(content="Still there?"), status="running")
    page = open_page(chat=str(session.session_id)).switch_page("app_pages/chat.py")
    page.query_params["chat"] = str(session.session_id)
    page.run()
    assert known.chats.asked == ["Still there?"]
    assert QUOTED in told(page)


def test_stopping_says_so_to_the_api(known: FakeStudium, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    session = known.chats.begin(COURSE)
    turn = known.chats.say(session.session_id, ChatMessage(content="Still there?"), status="running")
    page = open_page("chat")
    page.query_params["chat"] = str(session.session_id)
    monkeypatch.setattr(chats, "PAUSES", ())
    monkeypatch.setattr(known.chats, "stream", lambda *_, **__: iter(()))  # nothing comes
    page.run()
    assert "Nothing of yours is lost" in told(page)
    page.session_state["chat-pending"].turn_id = turn.turn_id
    page.button(key="chat-stop").click().run()
    assert known.chats.stopped == [turn.turn_id]
    assert "Stopped." in page.warning[0].value
    assert [button for button in page.button if button.label == "Ask again"]


def test_conversations_are_listed_searched_and_opened(known: FakeStudium, page: AppTest) -> None:
    ask(page, "About pacemakers?")
    page.button(key="chat-new").click().run()
    assert "chat" not in page.query_params
    ask(page, "About [preload]?")
    first, second = known.chats.sessions
    labels = [page.sidebar.button(key=f"chat-{session}").label for session in (second, first)]
    assert labels == ["About \\[preload\\]?", "About pacemakers?"]
    page.sidebar.text_input(key="chat-search").set_value("PACE").run()
    assert not [button for button in page.sidebar.button if button.key == f"chat-{second}"]
    page.sidebar.button(key=f"chat-{first}").click().run()
    assert page.query_params["chat"] == str(first)
    assert "About pacemakers?" in told(page)


def test_renaming_keeping_and_deleting(known: FakeStudium, page: AppTest) -> None:
    ask(page, "What makes it fire?")
    (session_id,) = known.chats.sessions
    next(field for field in page.main.text_input if field.label == "Name").set_value(" Pacemakers ")
    next(button for button in page.button if button.label == "Rename").click().run()
    assert known.chats.sessions[session_id].title == "Pacemakers"
    assert {button.proto.label for button in page.get("download_button")} == {"Keep as text", "Keep as data"}
    assert page.button(key="chat-delete").disabled
    page.checkbox[0].check().run()
    page.button(key="chat-delete").click().run()
    assert known.chats.sessions == {}
    assert "Ask CVS201 anything it covers" in told(page)


def test_a_source_that_has_changed_since_is_said_to(known: FakeStudium, page: AppTest) -> None:
    known.chats.changed = True
    ask(page, "What makes it fire?")
    assert sum("has changed since" in caption.value for caption in page.caption) == 2


@pytest.mark.parametrize("named", ["nonsense", "6b0f0d0c-0f7a-4f6e-9a11-5d3a2f6a7c10", None])
def test_an_address_of_no_conversation_of_this_course_opens_none(
    known: FakeStudium, open_page: OpenPage, named: str | None
) -> None:
    other = known.chats.begin(OTHER_COURSE)
    page = open_page("chat")
    page.query_params["chat"] = named or str(other.session_id)
    page.run()
    assert not page.exception
    assert "Ask CVS201 anything it covers" in told(page)
    assert "chat" not in page.query_params


def test_an_answer_the_api_cannot_give_is_said_in_words(
    known: FakeStudium, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(page, "First?")
    monkeypatch.setattr(chats.Chats, "stream", _refusing)
    ask(page, "Second?")
    assert not page.exception
    assert "Try again in 7 seconds" in told(page)
    assert "First?" in told(page)


def _refusing(*_: object, **__: object) -> object:
    raise TooManyRequests(Problem(title="Too Many Requests", status=429), 7)
