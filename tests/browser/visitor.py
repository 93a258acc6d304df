"""A person at a browser: signs in, opens pages, and notes what the browser asked for and complained about."""

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

# Streamlit's front end looks for its server beside the page first, `/ask/_stcore/health`, and then at the root.
STREAMLIT_PROBES = ("/_stcore/health", "/_stcore/host-config")
HEIGHT = 900
TALLEST = 6000
PHONE = 390
MAIN = ":is([data-testid=stMain], [data-testid=stAppScrollToBottomContainer])"
"""What scrolls: a page with a chat has the second."""

IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWN = """() => !document.querySelector('[data-testid=stSkeleton]')
  && [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(c => c.querySelector('svg, canvas'))"""
OVERFLOW = f"""() => {{
  const main = document.querySelector('{MAIN}') ?? document.documentElement;
  const page = document.documentElement;
  return Math.max(main.scrollWidth - main.clientWidth, page.scrollWidth - window.innerWidth);
}}"""


@dataclass
class Visitor:
    """One browser window of a given width and colour scheme."""

    browser: Browser
    url: str
    width: int = 1280
    scheme: str = "light"
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        phone = self.width == PHONE
        self.context: BrowserContext = self.browser.new_context(
            viewport={"width": self.width, "height": HEIGHT},
            color_scheme=self.scheme,
            locale="en-GB",
            timezone_id="Europe/London",
            is_mobile=phone,
            has_touch=phone,
        )
        self.page: Page = self.context.new_page()
        self.context.on("request", self._note_request)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.close()

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.url).netloc:
            self.foreign.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        where = urlsplit(message.location.get("url", "")).path
        if message.type == "error" and not where.endswith(STREAMLIT_PROBES):
            self.complaints.append(f"{message.text} ({where})")

    def sign_in(self, email: str, password: str, path: str = "/") -> None:
        """Open `path`, be sent to the sign-in, and come back."""
        self.page.goto(self.url + path)
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("button[type=submit]").click()
        self.settle()

    def open(self, name: str) -> None:
        """Open a page by its address and wait until it is drawn."""
        self.page.goto(f"{self.url}/{name}")
        self.settle()

    def settle(self) -> None:
        """Wait until the page has run and its charts are there."""
        self.page.wait_for_selector(IDLE, timeout=60_000)
        self.page.wait_for_selector(f"{MAIN} h1", timeout=60_000)
        self.page.wait_for_function(DRAWN)
        self.page.wait_for_timeout(400)

    def ask(self, question: str, placeholder: str = "Ask in your own words") -> None:
        """Ask on the Chat page and wait for the end of the answer."""
        said = self.page.locator("[data-testid=stChatMessage]")
        before = said.count()
        self.page.get_by_placeholder(placeholder).fill(question)
        self.page.keyboard.press("Enter")
        said.nth(before + 1).wait_for(timeout=60_000)
        self.settle()
        self.page.get_by_role("button", name="Stop", exact=True).wait_for(state="detached")

    def overflow(self) -> int:
        """How many pixels stick out to the right."""
        pixels: int = self.page.evaluate(OVERFLOW)
        return pixels

    def picture(self, path: Path) -> None:
        """A picture of the whole page: Streamlit scrolls inside, so the window grows for it."""
        wanted = self.page.evaluate(f"document.querySelector('{MAIN}')?.scrollHeight ?? 0")
        self.page.set_viewport_size({"width": self.width, "height": max(HEIGHT, min(int(wanted) + 20, TALLEST))})
        self.page.wait_for_timeout(700)
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": self.width, "height": HEIGHT})
