"""What people come for: signing in and out, asking and opening the source, files of their own, tables."""

import time
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from studium.client import SESSION_COOKIE
from tests.browser.served import Installation
from tests.browser.visitor import MAIN, Visitor

NOTES = b"""# The Zanzibar reflex

The Zanzibar reflex slows a heart within nine beats of the diver's face touching cold water.
It was named for this note alone and stands nowhere in the course.
"""


@pytest.fixture
def student(installation: Installation, chromium: Browser):
    with Visitor(chromium, installation.url) as visitor:
        visitor.sign_in(*installation.accounts["student"])
        yield visitor


@pytest.fixture
def instructor(installation: Installation, chromium: Browser):
    with Visitor(chromium, installation.url) as visitor:
        visitor.sign_in(*installation.accounts["instructor"])
        yield visitor


def test_a_wrong_password_is_told(installation: Installation, chromium: Browser) -> None:
    with Visitor(chromium, installation.url) as visitor:
        visitor.page.goto(installation.url)
        visitor.page.locator("input[name=email]").fill(installation.accounts["student"][0])
        visitor.page.locator("input[name=password]").fill("not the password")
        visitor.page.locator("button[type=submit]").click()
        expect(visitor.page.get_by_text("password is wrong")).to_be_visible()


def test_signing_in_leads_to_the_page_one_wanted(installation: Installation, chromium: Browser) -> None:
    with Visitor(chromium, installation.url) as visitor:
        visitor.sign_in(*installation.accounts["student"], path="/chat")
        assert visitor.page.url == f"{installation.url}/chat"


def test_signing_out_ends_the_session_for_pages_and_socket(student: Visitor) -> None:
    cookie = next(c["value"] for c in student.context.cookies() if c["name"] == SESSION_COOKIE)
    assert opens_socket(student.url, cookie, student.url)
    student.page.get_by_role("button", name="Sign out").click()
    expect(student.page).to_have_url(f"{student.url}/sign-in")
    student.page.goto(f"{student.url}/upload")
    assert "/sign-in?next=/upload" in student.page.url
    assert not opens_socket(student.url, cookie, student.url)


def test_another_sites_page_gets_no_socket(student: Visitor) -> None:
    cookie = next(c["value"] for c in student.context.cookies() if c["name"] == SESSION_COOKIE)
    assert not opens_socket(student.url, cookie, "http://elsewhere.test")
    assert not opens_socket(student.url, None, student.url)


def opens_socket(url: str, cookie: str | None, origin: str) -> bool:
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"} if cookie else {}
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    try:
        with connect(address, origin=origin, additional_headers=headers, subprotocols=["streamlit"]):
            return True
    except InvalidStatus:
        return False


def test_a_citation_opens_its_page(student: Visitor) -> None:
    student.open("chat")
    student.ask("What makes a pacemaker cell fire on its own?")
    cookie = next(c["value"] for c in student.context.cookies() if c["name"] == SESSION_COOKIE)
    links = [link.get_attribute("href") for link in student.page.locator("a[href*='#page=']").all()]
    assert links, "no citation of a PDF"
    answer = httpx2.get(student.url + links[0], headers={"Cookie": f"{SESSION_COOKIE}={cookie}"})
    assert answer.headers["content-type"].startswith("application/pdf")
    assert answer.headers["content-disposition"].startswith("inline")


def test_a_source_is_read_in_place(student: Visitor) -> None:
    student.open("chat")
    student.ask("How does the baroreceptor reflex respond to standing?")
    marked = student.page.locator(".studium-quote mark").first.inner_text()
    student.page.get_by_role("button", name="Read it in place").first.click()
    dialog = student.page.get_by_role("dialog")
    expect(dialog.locator("mark").first).to_be_visible()
    assert dialog.locator("mark").first.inner_text().split() == marked.split()


def test_the_course_may_not_answer(student: Visitor) -> None:
    student.open("chat")
    student.ask("Who won the rugby world cup in 1995?")
    expect(student.page.get_by_text("does not answer this")).to_be_visible()
    assert student.page.locator(".studium-quote").count() == 0


def test_hints_are_climbed_by_keyboard(student: Visitor) -> None:
    student.open("chat")
    student.page.get_by_test_id("stButtonGroup").get_by_text("Hints", exact=True).click()
    student.settle()
    student.ask("Why can cardiac muscle not be tetanised?", placeholder="Ask what you want hints to")
    answering = student.page.get_by_text("effective refractory period")
    for rung in (2, 3, 4):
        expect(answering).to_have_count(0)
        student.page.keyboard.press("Alt+n")
        expect(student.page.get_by_text(f"Hint {rung} of 4")).to_be_visible(timeout=60_000)
        student.settle()
    expect(answering.first).to_be_visible()


@pytest.mark.soak
def test_a_file_handed_in_is_quoted_and_can_be_deleted(student: Visitor) -> None:
    student.open("upload")
    title = f"zanzibar-{time.time_ns()}"  # a site that is looked at twice may hold the one of last time
    file = {"name": f"{title}.md", "mimeType": "text/markdown", "buffer": NOTES}
    student.page.locator("input[type=file]").set_input_files(file)
    row = student.page.locator("[class*='st-key-row-']", has_text=title)
    expect(row.get_by_text("Ready")).to_be_visible(timeout=120_000)
    student.open("chat")
    student.ask("How fast does the Zanzibar reflex slow a heart?")
    expect(student.page.locator(".studium-quote").first).to_contain_text("within nine beats")
    student.open("upload")
    row.get_by_role("button", name="Delete").click()
    student.page.get_by_role("button", name="Delete it").click()
    expect(row).to_have_count(0, timeout=30_000)


def test_joining_and_leaving_the_leaderboard(student: Visitor) -> None:
    student.open("leaderboard")
    leave, join = (student.page.get_by_role("button", name=f"{verb} the leaderboard") for verb in ("Leave", "Join"))
    first, second = (leave, join) if leave.count() else (join, leave)
    first.click()
    expect(second).to_be_visible()
    second.click()
    expect(first).to_be_visible()


def test_an_instructor_loads_a_table(instructor: Visitor) -> None:
    with instructor.page.expect_download() as loading:
        instructor.page.get_by_role("button", name="Quiz attempts").click()
    text = loading.value.path().read_text(encoding="utf-8-sig")
    assert "learner_id" in text.splitlines()[0].split(",")
    assert len(text.splitlines()) > 100


def test_an_instructor_opens_a_quiet_learner(instructor: Visitor) -> None:
    link = instructor.page.locator(".studium-rows a[href^='/learner']").first
    name = link.inner_text()
    link.click()
    instructor.settle()
    assert name in instructor.page.locator(MAIN).inner_text()
    expect(instructor.page.get_by_text("Modules completed").first).to_be_visible()


def test_a_student_has_no_instructor_pages(student: Visitor) -> None:
    student.page.goto(f"{student.url}/cohort")
    student.settle()
    expect(student.page.get_by_text("Engagement by week")).to_have_count(0)


def test_an_admin_reads_about_the_warehouse(installation: Installation, chromium: Browser, pictures: Path) -> None:
    with Visitor(chromium, installation.url) as visitor:
        visitor.sign_in(*installation.accounts["admin"])
        with visitor.context.expect_page() as opening:
            visitor.page.get_by_role("link", name="Warehouse documentation").click()
        docs = opening.value
        docs.goto(f"{installation.url}/warehouse-docs#!/model/model.studium.learner_progress")
        docs.reload()
        expect(docs.get_by_text("Where each student stands.").first).to_be_visible()
        assert docs.evaluate("self.origin") == "null", "dbt's scripts have no session of ours"
        docs.locator("[ng-click='onLauncherClick()']").click()
        expect(docs.locator("canvas").first).to_be_visible()  # the lineage
        docs.screenshot(path=pictures / "warehouse-docs.png")
        assert visitor.foreign == []
