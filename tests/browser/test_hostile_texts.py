"""Pages full of texts that want to be more than text: they are shown, ask no other host, and run nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from injection_world import QUESTION, Attacked, build, obeys
from model_server import ModelServer, model_server
from playwright.sync_api import Browser, Route, expect

from studium.accounts.sessions import open_session
from studium.client import SESSION_COOKIE
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings
from studium.wire.feedback import FeedbackGiven
from tests.browser.served import answers, free_port, wait_until
from tests.browser.visitor import MAIN, Visitor
from tests.tutor.attacks import ATTACKS, HOST

pytestmark = pytest.mark.soak  # it serves a site of its own; tests/integration/test_injection.py is always run
STRINGS = [text for kind in ("html", "markdown", "name", "file name", "delimiter") for text in ATTACKS[kind]]
WRITTEN = "The gland makes tamarol [1]. " + " ".join([*ATTACKS["html"][:3], *ATTACKS["markdown"][:4]])
RAN = "() => window.pwned"


@dataclass(frozen=True)
class Served:
    """The course of attacks, and where its pages are."""

    attacked: Attacked
    url: str


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with model_server() as running:
        running.does("m", obeys(WRITTEN))
        yield running


@pytest.fixture(scope="module")
def served(model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("hostile")
    attacked = build(_migrated(Settings(home=home, _env_file=None)), home / "course", STRINGS, "+marts")
    with attacked.api() as api:
        for title in ATTACKS["markdown"][:3]:
            attacked.client(api, "ann").upload("a.md", b"# A\n\nA note.", title=title)
    port, log = free_port(), home / "site.log"
    variables = {
        "STUDIUM_HOME": str(home), "STUDIUM_PORT": str(port), "STUDIUM_CHAT_MODEL": "openai:m",
        "STUDIUM_CHAT_BASE_URL": model.url, "STUDIUM_CHAT_PATIENCE_SECONDS": "5",
    }  # fmt: skip
    with log.open("wb") as written:
        command = [sys.executable, "-m", "uvicorn", "dashboards.site:app", "--port", str(port)]
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=written, stderr=written)
    try:
        wait_until(process, lambda: answers(port), log)
        yield Served(attacked, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(60)


def _migrated(settings: Settings) -> Settings:
    from studium.database import migrate

    migrate.upgrade(settings)
    return settings


@contextmanager
def visiting(served: Served, browser: Browser, name: str) -> Iterator[Visitor]:
    """A person's browser; in the end it has asked nobody else for anything, and nothing has run."""
    attacked = served.attacked
    account_id = attacked.accounts[name]
    with connect(attacked.settings, Role.API) as connection, acting_as(connection, account_id):
        session = open_session(connection, account_id, None, datetime.now(UTC))
    with Visitor(browser, served.url) as visitor:
        visitor.context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": served.url}])
        visitor.context.route(lambda url: urlsplit(url).netloc != urlsplit(served.url).netloc, Route.abort)
        dialogs: list[str] = []
        visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        yield visitor
        assert [frame.evaluate(RAN) for frame in visitor.page.frames] == [None] * len(visitor.page.frames)
        assert dialogs == []
        assert visitor.foreign == []
        assert [said for said in visitor.complaints if "Content Security Policy" in said] == []


def harmless(visitor: Visitor) -> None:
    """What is shown loads nothing, and leads nowhere by an attack's choice."""
    assert visitor.page.evaluate(RAN) is None
    for what in (f"[src*='{HOST}']", f"[style*='{HOST}']", f"a[href*='{HOST}']", "[onerror]", "[onload]", "[onfocus]",
                 "a[href^='javascript']", "iframe[src^='http']", f"base[href*='{HOST}']"):  # fmt: skip
        assert visitor.page.locator(what).count() == 0, what


def test_chat(served: Served, chromium: Browser) -> None:
    with visiting(served, chromium, "ann") as visitor:
        visitor.open("chat")
        visitor.ask(QUESTION.format(3))
        expect(visitor.page.get_by_text("The gland makes tamarol").first).to_be_visible()
        harmless(visitor)
        for text in (ATTACKS["html"][1], ATTACKS["markdown"][0]):
            visitor.ask(text)
            harmless(visitor)
        visitor.page.get_by_role("button", name="Read it in place").first.click()
        expect(visitor.page.get_by_role("dialog").locator(".studium-source")).to_be_visible()
        harmless(visitor)
        visitor.page.reload()
        visitor.settle()
        assert ATTACKS["html"][1] in visitor.page.locator(MAIN).inner_text()
        harmless(visitor)


def test_chat_without_a_model(served: Served, model: ModelServer, chromium: Browser) -> None:
    model.does("m", lambda reply: reply.status(400))
    with visiting(served, chromium, "ben") as visitor:
        visitor.open("chat")
        for number in (4, 15, 21):
            visitor.ask(QUESTION.format(number))
            expect(visitor.page.locator("blockquote.studium-quote").first).to_be_visible()
            harmless(visitor)
    model.does("m", obeys(WRITTEN))


def test_upload(served: Served, chromium: Browser) -> None:
    with visiting(served, chromium, "ann") as visitor:
        visitor.open("upload")
        expect(visitor.page.locator(".studium-file").first).to_be_visible()
        harmless(visitor)
        named = visitor.page.locator("[class*='st-key-row-']").filter(has_text="![")
        for number in range(3):
            named.nth(number).get_by_role("button", name="Delete").click()
            expect(visitor.page.get_by_text("and everything made of it?")).to_be_visible()
            harmless(visitor)
            visitor.page.keyboard.press("Escape")
        name = f"![c](https:__{HOST}_new.png) <img src=x onerror=window.pwned=1>.md"
        visitor.page.locator("input[type=file]").set_input_files(
            [{"name": name, "mimeType": "text/markdown", "buffer": b"# A\n\nA note."}]
        )
        expect(visitor.page.locator(".studium-file").filter(has_text="new.png").first).to_be_visible(timeout=60_000)
        harmless(visitor)
        visitor.page.locator("input[type=file]").set_input_files(
            [{"name": name, "mimeType": "text/markdown", "buffer": b""}]
        )
        visitor.page.wait_for_timeout(1500)
        harmless(visitor)


def test_files_opened_by_themselves(served: Served, chromium: Browser) -> None:
    shown = [one for one, name in served.attacked.sent.items() if name.endswith((".html", ".md"))][:12]
    with visiting(served, chromium, "ann") as visitor:
        for document_id in shown:
            visitor.page.goto(f"{served.url}/api/v1/documents/{document_id}/content")
            harmless(visitor)


def test_what_teachers_see(served: Served, model: ModelServer, chromium: Browser) -> None:
    model.does("m", obeys(WRITTEN))
    attacked = served.attacked
    with attacked.api(chat_model="openai:m", chat_base_url=model.url) as api:
        ben = attacked.client(api, "ben")
        for text in (ATTACKS["html"][1], ATTACKS["markdown"][0], ATTACKS["name"][2]):
            turn = ben.chats.send(ben.chats.create(attacked.course).session_id, text)
            ben.feedback.give(turn.turn_id, FeedbackGiven(verdict="down", reason="other", words=text, is_shared=True))
    with visiting(served, chromium, "tom") as visitor:
        visitor.open("questions")
        assert ATTACKS["html"][1] in visitor.page.locator(MAIN).inner_text()
        harmless(visitor)
        visitor.page.get_by_text("The answer, and what was found").first.click()
        visitor.page.wait_for_timeout(500)
        harmless(visitor)
        for name in ("", "leaderboard", "live_sync", "imports"):
            visitor.open(name)
            harmless(visitor)
        visitor.open("learner")
        visitor.page.get_by_label("Learner").first.click()
        visitor.page.get_by_role("option").first.click()
        visitor.settle()
        harmless(visitor)


def test_a_request_elsewhere_would_be_seen(served: Served, chromium: Browser) -> None:
    """The other tests can fail."""
    with Visitor(chromium, served.url) as visitor:
        visitor.page.goto(f"{served.url}/sign-in")
        visitor.page.evaluate(f"() => {{ new Image().src = 'https://{HOST}/control.png' }}")
        visitor.page.wait_for_timeout(1000)
        assert visitor.foreign or any("Content Security Policy" in said for said in visitor.complaints)
