"""What tests of the API share: one installation with people in it, served in this process."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from api_world import World, build_world
from fastapi import FastAPI
from starlette.testclient import TestClient

from serving.app import create_app
from serving.limits import Limiter
from studium.accounts.secrets import open_keys
from studium.accounts.tokens import start_family
from studium.client import Client
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings

Headers = dict[str, str]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An installation of its own with two courses, and marts."""
    return build_world(Settings(home=tmp_path_factory.mktemp("api"), upload_max_bytes=2_000_000, _env_file=None))


@pytest.fixture(scope="session")
def app(world: World) -> FastAPI:
    """Its API, which refuses nobody for asking often."""
    return create_app(world.settings, Limiter(factor=10_000))


@pytest.fixture(scope="session")
def api(app: FastAPI) -> Iterator[TestClient]:
    """The API, started; asked from another machine by somebody without credentials."""
    with TestClient(app, raise_server_exceptions=False) as client:
        app.state.services.embedder  # noqa: B018 - wait for the model
        yield client


@pytest.fixture(scope="session")
def headers(world: World) -> Callable[[str], Headers]:
    """Credentials of a person: a sign-in of their own at each call."""
    keys = open_keys(world.settings)

    def of(name: str) -> Headers:
        account_id = world.accounts[name]
        with connect(world.settings, Role.API) as connection, acting_as(connection, account_id):
            pair = start_family(connection, keys, account_id, datetime.now(UTC))
        return {"Authorization": f"Bearer {pair.access_token}"}

    return of


@pytest.fixture
def client(api: TestClient, headers: Callable[[str], Headers]) -> Callable[[str], Client]:
    """The typed client of a person."""
    return lambda name: Client(http=api, access_token=headers(name)["Authorization"].removeprefix("Bearer "))
