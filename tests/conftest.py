"""Fixtures every room shares: one real PostgreSQL for the test session, migrated once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import Connection
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from studium.database import migrate
from studium.database.pool import Role, connect
from studium.settings import Settings

# Tests are of an installation of their own, whatever Moodle or database this shell is set up for, and so are the
# processes they start. The port alone stays: it is said of a site that STUDIUM_TEST_SITE names.
for _name in {f"STUDIUM_{field.upper()}" for field in Settings.model_fields} - {"STUDIUM_PORT"}:
    os.environ.pop(_name, None)


TOGETHER = {
    "the served demo": ("tests/browser/",),
    "the world of the API": tuple(
        f"tests/integration/test_{name}"
        for name in ("api_", "chat.py", "forged_backups.py", "live_courses.py", "moodle_links.py")
    ),
}
"""What shares something that takes long to build: split up, each worker would build its own."""


def _group_of(nodeid: str) -> str | None:
    return next((group for group, starts in TOGETHER.items() if nodeid.startswith(starts)), None)


class ByFile(LoadFileScheduling):
    """A test file stays with one worker, and so do the files of one group of `TOGETHER`."""

    def _split_scope(self, nodeid: str) -> str:
        return _group_of(nodeid) or super()._split_scope(nodeid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is left with it in the end."""
    groups = [*TOGETHER, None]
    items.sort(key=lambda item: groups.index(_group_of(item.nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Share the tests out by `ByFile`."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation of its own, with the embedded server migrated."""
    made = Settings(home=tmp_path_factory.mktemp("studium"), _env_file=None)
    migrate.upgrade(made)
    return made


@pytest.fixture
def admin(settings: Settings) -> Iterator[Connection]:
    """A superuser's connection whose work is rolled back."""
    with connect(settings, Role.ADMIN) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
def data() -> Path:
    """The recorded Moodle files kept for tests."""
    return Path(__file__).parent / "data"
