"""A real installation with the sample course in it, and a real Chromium that looks at it.

`STUDIUM_TEST_SITE` names the home of a demo that is being served already (its port in `STUDIUM_PORT`), to look at it
again without waiting; `STUDIUM_SCREENSHOTS` names a folder that keeps the pictures.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.served import Installation, answers, described, free_port, wait_until

CHROMIUM = "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            if not Path(CHROMIUM).exists():
                item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A served demo."""
    if home := os.environ.get("STUDIUM_TEST_SITE"):
        yield described(Path(home), int(os.environ.get("STUDIUM_PORT", "8000")))
        return
    # A short path: PostgreSQL's socket lies in it, and a socket's name may have 107 bytes.
    home_path = tmp_path_factory.mktemp("site")
    port, dagster_port = free_port(), free_port()
    variables = {"STUDIUM_HOME": str(home_path), "STUDIUM_PORT": str(port), "STUDIUM_DAGSTER_PORT": str(dagster_port)}
    log = home_path / "demo.log"
    with log.open("wb") as written:
        demo = subprocess.Popen(
            [str(Path(sys.executable).parent / "studium"), "demo"],
            env={**os.environ, **variables},
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        wait_until(demo, lambda: (home_path / "demo-accounts.json").exists() and answers(port), log)
        yield described(home_path, port)
    finally:
        demo.send_signal(signal.SIGTERM)
        try:
            demo.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
        shutil.rmtree(home_path, ignore_errors=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    Its driver keeps an event loop running in this thread, where no other test could run one: it ends with the file.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go."""
    folder = Path(os.environ.get("STUDIUM_SCREENSHOTS") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
