"""Fixtures every room shares: one real PostgreSQL for the test session, migrated once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import Connection

from studium.database import migrate
from studium.database.pool import Role, connect
from studium.settings import Settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something dear to build: a served demo, the API's world, a file's own fixtures."""
    for item in items:
        if "browser" in item.path.parts:
            group = "browser"
        elif item.path.name.startswith("test_api_"):
            group = "api"
        else:
            group = str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


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
