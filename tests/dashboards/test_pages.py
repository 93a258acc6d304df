"""Every page: what it says with data, without, and when the API is in trouble."""

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from studium.wire.base import Problem
from tests.dashboards.fake_api import COURSE, OTHER_COURSE, FakeStudium

OpenPage = Callable[..., AppTest]
LEARNER_PAGES = ["dashboard", "progress", "chat", "upload", "leaderboard", "live_sync"]
INSTRUCTOR_PAGES = ["cohort", "learner", "questions", "chat", "upload", "leaderboard", "imports", "live_sync"]


def told(page: AppTest) -> str:
    """Everything the page says, as one text."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    parts += [*page.success]
    texts = [part.value for part in parts]
    texts += [block.proto.body for block in page.get("html")]
    texts += [f"{metric.label} {metric.value} {metric.delta}" for metric in page.metric]
    return "\n".join(texts)


def draws(page: AppTest) -> int:
    """How many charts the page draws."""
    return len(page.get("arrow_vega_lite_chart")) + len(page.get("vega_lite_chart"))


@pytest.mark.parametrize("name", LEARNER_PAGES)
def test_a_learner_opens(open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    assert not page.exception
    assert "Data as of <b>22 November 2026</b>" in told(page)


@pytest.mark.parametrize("name", INSTRUCTOR_PAGES)
def test_an_instructor_opens(known: FakeStudium, open_page: OpenPage, name: str) -> None:
    known.role = "instructor"
    page = open_page(name)
    assert not page.exception
    assert "Data as of <b>22 November 2026</b>" in told(page)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Your session has ended"),
        (403, "Not for you"),
        (404, "Not for you"),
        (422, "Not for you"),
        (429, "Try again in 30 seconds"),
        (503, "Studium does not answer right now"),
    ],
)
def test_trouble_is_said_in_words(known: FakeStudium, open_page: OpenPage, status: int, words: str) -> None:
    known.problem = Problem(title="No", status=status, detail="Not for you")
    page = open_page()
    assert not page.exception
    assert words in told(page)


@pytest.mark.parametrize("name", LEARNER_PAGES)
def test_a_page_survives_the_api(known: FakeStudium, open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    known.problem = Problem(title="No", status=503, request_id="r-1")
    st.cache_data.clear()
    page.run()
    assert not page.exception
    assert "Nothing of yours is lost" in told(page)
    assert "quote request r-1" in told(page)
    known.problem = None
    page.button(key="retry").click().run()
    assert "Nothing of yours is lost" not in told(page)


def test_a_learner_has_no_instructor_pages(open_page: OpenPage) -> None:
    page = open_page()
    with pytest.raises(ValueError, match="cohort"):
        page.switch_page("app_pages/cohort.py").run()


class TestDashboard:
    def test_shows_progress_activity_and_the_next_step(self, open_page: OpenPage) -> None:
        page = open_page()
        text = told(page)
        assert "6 of 10" in text
        assert "71 %" in text
        assert draws(page) == 3

    def test_dated_work_is_next_and_late_work_is_said_to_be(self, open_page: OpenPage) -> None:
        page = open_page()
        lines = told(page).splitlines()
        assert any(
            "<b>Quiz 2: Cycle, output and pressure</b>" in line and "overdue, was due 17 Nov" in line for line in lines
        )
        rows = next(line for line in lines if '<ul class="studium-rows">' in line)
        assert rows.index("due 1 Dec") < rows.index("Lecture slides (PowerPoint)")
        assert "The circulation in dynamic exercise" not in rows
        assert any("1 module closed or not open yet" in caption.value for caption in page.caption)

    def test_course_can_be_changed(self, known: FakeStudium, open_page: OpenPage) -> None:
        known.course_ids = (COURSE, OTHER_COURSE)
        page = open_page()
        assert page.title[0].value == "Cardiovascular Physiology"
        page.sidebar.selectbox[0].set_value(OTHER_COURSE).run()
        assert page.title[0].value == "Pharmacology"

    def test_without_a_course_says_what_to_do(self, known: FakeStudium, open_page: OpenPage) -> None:
        known.course_ids = ()
        assert "Open the invitation" in told(open_page())


class TestUpload:
    def test_lists_each_state_with_its_reason(self, known: FakeStudium, open_page: OpenPage) -> None:
        known.add_upload("scan.pdf", "failed", "No text could be read from the pictures.")
        known.add_upload("notes.md", "ready")
        known.add_upload("lecture.pdf", "processing")
        text = told(open_page("upload"))
        assert "No text could be read from the pictures." in text
        assert "12 pages" in text
        assert "Embedding passages" in text
        for state in ("Failed", "Ready", "Processing"):
            assert state in text

    def test_a_file_is_sent_once(self, known: FakeStudium, open_page: OpenPage) -> None:
        page = open_page("upload")
        page.get("file_uploader")[0].upload("notes.md", b"# Preload", "text/markdown").run()
        page.run()
        assert [upload.title for upload in known.uploads] == ["notes.md"]

    def test_deleting_asks_first(self, known: FakeStudium, open_page: OpenPage) -> None:
        made = known.add_upload("notes.md", "ready")
        page = open_page("upload")
        assert known.uploads
        page.button(key=f"delete-{made.document_id}").click().run()
        assert known.uploads == []
        assert "No files yet" in told(page)


class TestCohort:
    @pytest.fixture(autouse=True)
    def _teaches(self, known: FakeStudium) -> None:
        known.role = "instructor"

    def test_shows_weeks_modules_quizzes_and_who_went_quiet(self, open_page: OpenPage) -> None:
        page = open_page()
        text = told(page)
        assert draws(page) == 3
        assert "Is the gradient &lt; 5 mmHg?" in text
        assert "Explain why\u2026" in text
        assert "21 to 61 %" in text
        assert "2 questions with too few answers" in text
        assert "Aoife O&#x27;Neill" in text
        assert "last seen 22 October 2026" in text
        assert "never came" in text

    def test_every_table_can_be_downloaded(self, open_page: OpenPage) -> None:
        labels = [button.proto.label for button in open_page().get("download_button")]
        assert labels == [
            "Learners",
            "Activity by day",
            "Engagement by week",
            "Quiz attempts",
            "Grades",
            "Completions",
            "Questions",
        ]

    def test_a_learner_of_the_cohort_is_shown(self, open_page: OpenPage) -> None:
        page = open_page("learner")
        assert "Nobody chosen" in told(page)
        page.main.selectbox[0].set_value("physiology:2").run()
        assert "6 of 10" in told(page)
        assert page.query_params["learner"] == "physiology:2"


class TestImport:
    @pytest.fixture(autouse=True)
    def _teaches(self, known: FakeStudium) -> None:
        known.role = "instructor"

    def test_shows_steps_outcomes_and_errors(self, known: FakeStudium, open_page: OpenPage) -> None:
        known.add_import("logs", "log.csv", "failed", "The times carry no time zone.")
        known.add_import("backup", "old.mbz", "done")
        known.add_import("backup", "new.mbz", "running")
        text = told(open_page("imports"))
        assert "The times carry no time zone." in text
        assert "records: 13,292" in text
        assert "Reading the question bank" in text

    def test_hands_a_backup_in(self, known: FakeStudium, open_page: OpenPage) -> None:
        page = open_page("imports")
        page.get("file_uploader")[0].upload("course.mbz", b"bytes", "application/octet-stream")
        page.button[0].click().run()
        assert [(work.kind, work.filename) for work in known.imports] == [("backup", "course.mbz")]

    def test_asks_for_a_file_first(self, known: FakeStudium, open_page: OpenPage) -> None:
        page = open_page("imports")
        page.button[0].click().run()
        assert "Choose a file first" in told(page)
        assert known.imports == []


class TestLeaderboard:
    def test_joining_and_leaving(self, known: FakeStudium, open_page: OpenPage) -> None:
        page = open_page("leaderboard")
        assert "You are not on the leaderboard" in told(page)
        page.button[0].click().run()
        assert known.opted_in
        assert "Amber Lynx (you)" in told(page)
        assert "12 learners of the course take part" in told(page)
        assert [f"{n} others" in told(page) for n in (5, 3, 4)] == [True, True, False]
        assert "Each module completed" in told(page)
        assert "3 to 8 points" in told(page)
        page.get("button_group")[0].set_value("course").run()
        assert "weighs half after 14 days" in told(page)
        assert "Yours weigh 38.1 points after the next midnight" in told(page)
        page.button[0].click().run()
        assert not known.opted_in
        assert "Nobody has joined yet" in told(page)

    def test_an_instructor_looks_on(self, known: FakeStudium, open_page: OpenPage) -> None:
        known.role = "instructor"
        page = open_page("leaderboard")
        assert "Only learners of the course can join" in told(page)
        assert not page.button
