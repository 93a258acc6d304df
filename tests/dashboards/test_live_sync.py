"""The Live Sync page: what it says of each way a course may stand, and what may be done about it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.components.following import step_words
from studium.wire.live import LiveEvent
from tests.dashboards.examples import AS_OF
from tests.dashboards.fake_api import COURSE, FakeStudium
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]


def event(kind: str, **payload: Any) -> LiveEvent:
    return LiveEvent.model_validate(
        {"event_id": 7, "course_id": COURSE, "kind": kind, "payload": payload, "created_at": AS_OF}
    )


def progress_of(page: AppTest) -> list[tuple[int, str]]:
    """The bars, which Streamlit's test has no type for."""
    return [(bar.proto.value, bar.proto.text) for bar in page.get("progress")]


@pytest.mark.parametrize("role", ["student", "instructor", "admin"])
def test_without_a_moodle_an_admin_is_told_what_to_set(known: FakeStudium, open_page: OpenPage, role: Any) -> None:
    known.connected, known.role = False, role
    page = open_page("live_sync")
    assert not page.exception
    said = told(page)
    assert "Courses stay as they were imported." in said
    assert ("STUDIUM_MOODLE_URL and STUDIUM_MOODLE_TOKEN" in said) == (role == "admin")
    assert ("STUDIUM_" in said) == (role == "admin")
    assert "My Moodle account" not in said


def test_before_the_first_look_it_says_so(open_page: OpenPage) -> None:
    assert "No course of yours has been found there yet" in told(open_page("live_sync"))


def test_figures_that_are_not_there_yet_are_spoken_of(known: FakeStudium, open_page: OpenPage) -> None:
    known.add_sync(event=event("sync:complete", newItems=1, changed=True), figures_pending=True)
    said = told(open_page("live_sync"))
    assert "1 new item with the last sync. What is new can be asked about; the figures are being worked out." in said


def test_a_learner_reads_and_changes_nothing(known: FakeStudium, open_page: OpenPage) -> None:
    known.add_sync(last_checked_at=AS_OF + timedelta(hours=1), event=event("sync:complete", newItems=3, changed=True))
    page = open_page("live_sync")
    assert not page.exception
    said = told(page)
    assert "CVS201 · Cardiovascular Physiology" in said
    assert "Last synced 22 Nov, 02:35 · looked at 22 Nov, 03:35" in said
    assert "3 new items with the last sync." in said
    assert "Up to date" in said
    assert [button.label for button in page.button if "Sync" in button.label] == []
    assert len(page.toggle) == 0


def test_who_teaches_syncs_and_switches(known: FakeStudium, open_page: OpenPage) -> None:
    known.role = "instructor"
    known.add_sync()
    page = open_page("live_sync")
    page.button(key=f"now-{COURSE}").click().run()
    assert not page.exception
    assert known.synced == [COURSE]
    assert "Waiting" in told(page)
    assert page.button(key=f"now-{COURSE}").disabled
    page.toggle(key=f"follow-{COURSE}-True").set_value(False).run()
    assert not page.exception
    assert known.syncs[0].sync_enabled is False
    assert page.toggle(key=f"follow-{COURSE}-False").value is False


def test_progress_is_shown(known: FakeStudium, open_page: OpenPage) -> None:
    known.add_sync(request="running", event=event("sync:progress", step="files", done=3, total=12))
    page = open_page("live_sync")
    assert progress_of(page) == [(25, "Fetching files: 3 of 12")]
    known.syncs = []
    known.add_sync(request="running", event=event("sync:progress", step="warehouse", done=9, total=None))
    page.run()
    assert progress_of(page) == [(100, "Working out the figures")]
    known.syncs = []
    known.add_sync(event=event("sync:complete", newItems=0, changed=False))
    page.run()
    assert progress_of(page) == []
    assert "Nothing had changed at the last sync." in told(page)


def test_what_was_skipped_is_said_with_its_reason(known: FakeStudium, open_page: OpenPage) -> None:
    skipped = {"function": "mod_choice_x", "kind": "NotPermitted", "reason": "No <b>permission", "times": 2}
    known.add_sync(skipped=[skipped])
    page = open_page("live_sync")
    assert "1 thing" in page.expander[0].label
    assert "No &lt;b&gt;permission" in told(page)
    assert "2 times" in told(page)


@pytest.mark.parametrize(
    ("role", "words"), [("instructor", f"studium moodle approve {COURSE}"), ("student", "stays until")]
)
def test_a_held_course_says_how_to_let_it_through(
    known: FakeStudium, open_page: OpenPage, role: Any, words: str
) -> None:
    known.role = role
    known.add_sync(sync_state="held", held={"modules": ["Quiz 1", "Quiz 2"]} if role == "instructor" else None)
    page = open_page("live_sync")
    assert words in told(page)
    assert ("2 modules" in told(page)) == (role == "instructor")


def test_a_failed_sync_tells_why(known: FakeStudium, open_page: OpenPage) -> None:
    known.role = "instructor"
    known.add_sync(sync_state="failed", sync_error="The token has expired.")
    assert "The token has expired. What was there before stays" in told(open_page("live_sync"))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("mod_quiz_get_attempt_review", "Reading quizzes and attempts"),
        ("mod_wiki_x", "Reading activities"),
        ("core_course_get_contents", "Reading the contents"),
        ("content__documents", "Reading new materials"),
        ("course", "Bringing in what changed"),
        ("marts_equal_raw", "Checking what came in"),
    ],
)
def test_every_step_has_words(step: str, words: str) -> None:
    assert step_words(step) == words
