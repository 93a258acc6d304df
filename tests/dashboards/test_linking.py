"""Linking one's own Moodle account on Live Sync: what is said of it in each state, and what is sent where."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from studium.wire.base import FieldError, Problem
from studium.wire.links import LinkedMoodle, MoodleLink
from tests.dashboards.examples import AS_OF
from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]
HOST = "moodle.example.org"


def linked(**changes: Any) -> LinkedMoodle:
    told = {"username": "s2026101", "full_name": "Ines <b>Marković", "linked_at": AS_OF, "last_used_at": AS_OF}
    return LinkedMoodle.model_validate({**told, "refused_because": None, **changes})


@pytest.fixture(autouse=True)
def _connected(known: FakeStudium) -> None:
    known.moodle = MoodleLink(site_url=f"https://{HOST}", reads_courses=False, linked=None)


def fill(page: AppTest, **values: str) -> None:
    for field in page.text_input:
        for beginning, value in values.items():
            if field.label.startswith(beginning):
                field.set_value(value)


def submit(page: AppTest, number: int) -> AppTest:
    """Press the button of the first form (name and password) or of the second (token)."""
    return [button for button in page.button if button.label == "Link my Moodle"][number].click().run()


def test_before_linking_it_says_what_is_sent_where_and_kept(open_page: OpenPage) -> None:
    page = open_page("live_sync")
    assert not page.exception
    said = told(page)
    assert f"who you are on {HOST}" in said
    assert "is sent to Moodle once and is not kept" in said
    assert [field.label for field in page.text_input] == [f"User name on {HOST}", f"Password on {HOST}", "Token"]
    assert page.tabs[0].label == "User name and password"
    assert "read as you see them" not in said


def test_where_no_service_account_reads_it_says_who_does(known: FakeStudium, open_page: OpenPage) -> None:
    known.moodle = known.moodle.model_copy(update={"reads_courses": True})
    said = told(open_page("live_sync"))
    assert "They are then read as you see them there, by you alone." in said
    assert "they appear here soon after you have linked it" in said
    known.moodle = known.moodle.model_copy(update={"linked": linked()})
    assert "Your courses there are looked at every half hour" in told(open_page("live_sync"))


def test_a_password_links(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("live_sync")
    fill(page, User=" s2026101 ", Password=" a pass word ")
    submit(page, 0)
    assert not page.exception
    assert known.link_tries == [{"username": "s2026101", "password": " a pass word "}]
    assert "Linked" in told(page)
    assert len(page.text_input) == 0
    assert "a pass word" not in repr(vars(page.session_state._state))


def test_a_token_links(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("live_sync")
    fill(page, Token=f" {'0' * 32} ")
    submit(page, 1)
    assert known.link_tries == [{"token": "0" * 32}]
    assert "Linked" in told(page)


def test_a_refusal_is_said_once(known: FakeStudium, open_page: OpenPage) -> None:
    sentence = "Moodle does not accept this user name and password."
    known.link_problem = Problem(
        title="x", status=422, detail=sentence, errors=[FieldError(field="password", message=sentence)]
    )
    page = open_page("live_sync")
    fill(page, User="s2026101", Password="wrong")
    submit(page, 0)
    assert [error.value for error in page.error] == [sentence]


def test_nothing_typed_is_nothing_sent(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("live_sync")
    for number, words in enumerate(("Enter your user name and your password.", "Paste your token.")):
        submit(page, number)
        assert [warning.value for warning in page.warning] == [words]
    assert known.link_tries == []


def test_a_silent_moodle_is_no_wrong_password(known: FakeStudium, open_page: OpenPage) -> None:
    known.link_problem = Problem(
        title="x", status=503, detail="Your Moodle cannot be asked right now.", request_id="r" * 8
    )
    page = open_page("live_sync")
    fill(page, Token="0" * 32)
    submit(page, 1)
    assert "Your Moodle cannot be asked right now. Nothing of yours is lost" in told(page)


def test_linked_it_says_as_whom_and_unlinks_after_asking(known: FakeStudium, open_page: OpenPage) -> None:
    known.moodle = known.moodle.model_copy(update={"linked": linked()})
    page = open_page("live_sync")
    said = told(page)
    assert "Ines &lt;b&gt;Marković" in said
    assert "s2026101 · linked on 22 November 2026 · last used 22 Nov, 02:35" in said
    assert len(page.text_input) == 0
    page.button(key="unlink-moodle").click().run()
    assert known.moodle.linked is None
    assert len(page.text_input) == 3


def test_a_refused_link_asks_for_a_new_one(known: FakeStudium, open_page: OpenPage) -> None:
    known.moodle = known.moodle.model_copy(update={"linked": linked(refused_because="Invalid token - token expired")})
    page = open_page("live_sync")
    said = told(page)
    assert f"{HOST} no longer takes this link: Invalid token - token expired. Link your account again" in said
    assert "nothing that is here is lost" in said
    fill(page, Token="0" * 32)
    submit(page, 1)
    assert "no longer takes" not in told(page)
