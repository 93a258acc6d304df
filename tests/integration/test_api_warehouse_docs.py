"""dbt's documentation: for admins, shut in, as the last build left it."""

from datetime import UTC, datetime

import pytest
from api_world import World
from fastapi.testclient import TestClient

from studium.accounts.sessions import open_session
from studium.client import SESSION_COOKIE
from studium.database.pool import Role, acting_as, connect
from studium.storage import open_store, put, remove
from studium.warehouse import DOCS


def cookie(world: World, name: str) -> dict[str, str]:
    account = world.accounts[name]
    with connect(world.settings, Role.API) as connection, acting_as(connection, account):
        return {"Cookie": f"{SESSION_COOKIE}={open_session(connection, account, 'test', datetime.now(UTC))}"}


def test_one_signs_in_first(api: TestClient) -> None:
    answer = api.get("/warehouse-docs", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/warehouse-docs")


@pytest.mark.parametrize("name", ["ann", "tom"])
def test_others_find_nothing(api: TestClient, world: World, name: str) -> None:
    put(open_store(world.settings), DOCS, b"<p>marts</p>")
    assert api.get("/warehouse-docs", headers=cookie(world, name)).status_code == 404


def test_an_admin_reads_them_in_a_page_without_our_origin(api: TestClient, world: World) -> None:
    put(open_store(world.settings), DOCS, b"<p>marts</p>")
    answer = api.get("/warehouse-docs", headers=cookie(world, "root"))
    assert (answer.status_code, answer.text) == (200, "<p>marts</p>")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none';")
    assert "http" not in policy


def test_before_the_first_build_there_is_nothing_to_read(api: TestClient, world: World) -> None:
    remove(open_store(world.settings), DOCS)
    answer = api.get("/warehouse-docs", headers=cookie(world, "root"))
    assert (answer.status_code, answer.json()["detail"].split(";")[0]) == (404, "The warehouse has not been built yet")
