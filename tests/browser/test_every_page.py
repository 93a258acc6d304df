"""Every page with the sample course: nothing sticks out or complains, no other host is asked, anybody can use it."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.served import Installation
from tests.browser.visitor import MAIN, PHONE, Visitor

PAGES = {
    "student": [
        *("", "smart_study", "new_cards", "cards", "practice", "plan"),
        *("progress", "chat", "upload", "leaderboard", "live_sync"),
    ],
    "instructor": [
        *("", "learner", "questions", "question_bank", "chat", "upload", "leaderboard", "imports", "live_sync"),
    ],
}
LIVE = {"smart_study", "cards", "plan"}
"""What they show is as it is now, and not as the course's data was."""
LOOKS = [
    (1280, "light"),
    (PHONE, "dark"),
    pytest.param(1280, "dark", marks=pytest.mark.soak),
    pytest.param(PHONE, "light", marks=pytest.mark.soak),
]
FIRST = {("student", PHONE, "dark"), ("instructor", 1280, "light")}
WALKS = [
    pytest.param(role, width, scheme, marks=() if (role, width, scheme) in FIRST else pytest.mark.soak)
    for role in PAGES
    for width in (1280, PHONE)
    for scheme in ("light", "dark")
]
"""Each page takes seconds: every role in one look, the others in the long tests."""
QUESTION = "What makes a pacemaker cell fire on its own?"
GRAVE = {"serious", "critical"}


def grave_findings(visitor: Visitor) -> dict[str, str]:
    """Rule and first place of what axe finds serious or critical; a plain Streamlit page breaks `color-contrast`."""
    found = Axe().run(visitor.page).response["violations"]
    return {rule["id"]: rule["nodes"][0]["html"][:200] for rule in found if rule["impact"] in GRAVE}


@pytest.mark.parametrize(("role", "width", "scheme"), WALKS)
def test_pages(
    installation: Installation,
    chromium: Browser,
    pictures: Path,
    role: str,
    width: int,
    scheme: str,
) -> None:
    with Visitor(chromium, installation.url, width, scheme) as visitor:
        visitor.sign_in(*installation.accounts[role])
        for name in PAGES[role]:
            visitor.open(name)
            if name == "chat":
                visitor.ask(QUESTION)
            if name == "learner":
                visitor.page.get_by_label("Learner").first.click()
                visitor.page.get_by_role("option").first.click()
                visitor.settle()
            visitor.picture(pictures / f"{role}-{name or 'home'}-{scheme}-{width}.png")
            assert name in LIVE or "Data as of 22 November 2026" in visitor.page.locator(MAIN).inner_text(), name
            assert visitor.overflow() == 0, name
            assert grave_findings(visitor) == {}, name
        assert visitor.complaints == []
        assert visitor.foreign == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_sign_in(installation: Installation, chromium: Browser, pictures: Path, width: int, scheme: str) -> None:
    with Visitor(chromium, installation.url, width, scheme) as visitor:
        visitor.page.goto(installation.url)
        assert "/sign-in?next=/" in visitor.page.url
        visitor.page.screenshot(path=pictures / f"sign-in-{scheme}-{width}.png")
        assert visitor.overflow() == 0
        assert grave_findings(visitor) == {}
        assert visitor.complaints == []
        assert visitor.foreign == []
