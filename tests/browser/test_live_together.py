"""Two processes that serve the site, three browsers: each sees what happens to its own courses, while it happens."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from moodle_site.edits import edit
from moodle_site.site import TOKENS, Site
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.served import answers, free_port, wait_until
from tests.browser.visitor import Visitor
from tests.integration.sync_world import tell_what_was_not_recorded

pytestmark = pytest.mark.soak
STUDIUM = str(Path(sys.executable).parent / "studium")
CVS201, PHA203 = 2, 4
NAMES = {CVS201: "CVS201", PHA203: "PHA203"}
PEOPLE = {"one": "s2026101", "both": "s2026110"}
"""Who learns CVS201 alone, and who learns PHA203 too."""
A_SYNC_MS = 120_000


@dataclass(frozen=True)
class Together:
    """A Moodle, what follows it, and where that is served."""

    moodle: Site
    ports: tuple[int, int]
    passwords: dict[str, str]

    def open(self, stack: ExitStack, browser: Browser, name: str, door: int) -> Page:
        """A browser of somebody's on Live Sync, at one of the two doors."""
        visitor = stack.enter_context(Visitor(browser, f"http://127.0.0.1:{self.ports[door]}"))
        visitor.sign_in(f"{name}@example.test", self.passwords[name], path="/live_sync")
        return visitor.page


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    home, ports = tmp_path_factory.mktemp("together"), (free_port(), free_port())
    with Site() as moodle:
        tell_what_was_not_recorded(moodle)
        variables = {
            **os.environ,
            "STUDIUM_HOME": str(home),
            "STUDIUM_MOODLE_URL": moodle.url,
            "STUDIUM_MOODLE_TOKEN": TOKENS["service"],
            "STUDIUM_MOODLE_ALLOW_PRIVATE": "true",
            "STUDIUM_PORT": str(ports[0]),
            "STUDIUM_DAGSTER_PORT": str(free_port()),
        }

        def studium(*words: str) -> str:
            done = subprocess.run([STUDIUM, *words], env=variables, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        with running([STUDIUM, "up"], variables, home / "first.log", ports[0]):
            studium("sync", str(CVS201), str(PHA203))
            passwords = {
                name: studium("user", "add", f"{name}@example.test", "--moodle-user", username).strip()
                for name, username in PEOPLE.items()
            }
            passwords["root"] = studium("user", "add", "root@example.test", "--name", "Root", "--admin").strip()
            second = [sys.executable, "-m", "uvicorn", "dashboards.site:app", "--port", str(ports[1])]
            of_its_own = {**variables, "STUDIUM_PORT": str(ports[1])}
            with running(second, of_its_own, home / "second.log", ports[1]):
                yield Together(moodle, ports, passwords)


@contextmanager
def running(command: list[str], variables: dict[str, str], log: Path, port: int) -> Iterator[None]:
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=variables, stdout=written, stderr=written, start_new_session=True)
    try:
        wait_until(process, lambda: answers(port), log)
        yield
    finally:
        process.terminate()
        process.wait(60)


def test_each_sees_the_own_courses_while_they_are_synced(together: Together, chromium: Browser, pictures: Path) -> None:
    with ExitStack() as stack:
        one = together.open(stack, chromium, "one", 0)
        both = together.open(stack, chromium, "both", 1)
        root = together.open(stack, chromium, "root", 1)
        expect(one.locator("body")).to_contain_text("CVS201")
        expect(one.locator("body")).not_to_contain_text("PHA203")
        for page in (both, root):
            expect(page.locator("body")).to_contain_text("PHA203")

        for course, watchers in ((PHA203, [both, root]), (CVS201, [one, both, root])):
            edit(together.moodle, "page_edit", course=course)
            row(root, course).get_by_role("button", name="Sync now").click()
            for number, page in enumerate(watchers):
                expect(row(page, course)).to_contain_text("Syncing", timeout=A_SYNC_MS)
                page.screenshot(path=pictures / f"live-{NAMES[course]}-{number}.png")
            if one not in watchers:
                expect(one.get_by_text("Syncing")).to_have_count(0)
            for page in watchers:
                expect(row(page, course)).to_contain_text("The last sync brought changes.", timeout=A_SYNC_MS)
                expect(page.get_by_text("Syncing")).to_have_count(0)


def row(page: Page, course: int) -> Locator:
    """A course's line on Live Sync."""
    return page.locator("[class*='st-key-row-']").filter(has_text=NAMES[course])
