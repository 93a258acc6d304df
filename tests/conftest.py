"""Fixtures every room shares: one real PostgreSQL for the test session, migrated once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import Connection

from studium.database import migrate
from studium.database.pool import Role, connect
from studium.settings import Settings


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
