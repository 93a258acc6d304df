"""Changing one's own password, as a program and in a browser: who may, and whose sign-ins end."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from api_world import PASSWORD, World
from starlette.testclient import TestClient

from serving.app import create_app
from studium.accounts.people import create_account
from studium.client import SESSION_COOKIE, Client, NotSignedIn, Rejected, TooManyRequests
from studium.database.pool import Role, connect

AUTH = "/api/v1/auth"
NEW = "a new password for me"


@pytest.fixture
def person(world: World) -> tuple[UUID, str]:
    """An account of its own: id and address."""
    email = f"{uuid4()}@example.test"
    with connect(world.settings, Role.PIPELINE) as connection:
        return create_account(connection, email, "Pat", PASSWORD), email


@pytest.fixture
def browser(api: TestClient) -> Iterator[TestClient]:
    made = TestClient(api.app, follow_redirects=False, headers={"Origin": "http://testserver"})
    yield made
    made.close()


def enter(browser: TestClient, email: str, password: str = PASSWORD) -> int:
    return browser.post("/sign-in", data={"email": email, "password": password}).status_code


def program(api: TestClient, email: str, password: str = PASSWORD) -> Client:
    made = Client(http=api)
    made.sign_in(email, password)
    return made


def form(new: str = NEW, current: str = PASSWORD, repeated: str | None = None) -> dict[str, str]:
    return {"current_password": current, "new_password": new, "repeated": new if repeated is None else repeated}


def test_a_program_changes_its_password_and_everybody_else_is_out(
    api: TestClient, world: World, browser: TestClient, person: tuple[UUID, str]
) -> None:
    account_id, email = person
    other = program(api, email)
    tokens = api.post(f"{AUTH}/login", json={"email": email, "password": PASSWORD}).json()
    assert enter(browser, email) == 303
    mine = program(api, email)
    mine.change_password(PASSWORD, NEW)
    assert mine.me().email == email
    with pytest.raises(NotSignedIn):
        other.me()
    assert api.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 401
    assert browser.get(f"{AUTH}/me").status_code == 401
    assert enter(browser, email) == 401
    assert enter(browser, email, NEW) == 303
    with connect(world.settings, Role.ADMIN) as connection:
        noted = connection.execute("select action from app.audit_log where actor_id = %s", [account_id]).fetchall()
        ended = connection.execute(
            "select distinct ended_because from app.token_families where account_id = %s and ended_at is not null",
            [account_id],
        ).fetchall()
    assert noted == [("password_changed",)]
    assert ended == [("password_changed",)]


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", NEW, "current_password"),
        ("", NEW, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
        (PASSWORD, "aaaaaaaaaaaaaa", "new_password"),
    ],
)
def test_a_refused_change_names_the_field_and_changes_nothing(
    api: TestClient, person: tuple[UUID, str], current: str, new: str, field: str
) -> None:
    mine, other = program(api, person[1]), program(api, person[1])
    with pytest.raises(Rejected) as refused:
        mine.change_password(current, new)
    assert refused.value.problem.status == 422
    assert [error.field for error in refused.value.problem.errors] == [field]
    assert other.me().email == program(api, person[1]).me().email == person[1]


def test_nobody_changes_a_password_without_being_signed_in(api: TestClient) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert api.post(f"{AUTH}/password", json=body).status_code == 401


def test_guessing_the_current_password_is_slowed_down(world: World, person: tuple[UUID, str]) -> None:
    app = create_app(world.settings)
    with TestClient(app, follow_redirects=False, headers={"Origin": "http://testserver"}) as api:
        mine = program(api, person[1])
        for _ in range(10):
            with pytest.raises(Rejected):
                mine.change_password("wrong", NEW)
        with pytest.raises(TooManyRequests):
            mine.change_password(PASSWORD, NEW)
        assert enter(api, person[1]) == 303
        answer = api.post("/account", data=form())
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


def test_a_browser_changes_it_on_the_page(browser: TestClient, api: TestClient, person: tuple[UUID, str]) -> None:
    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"
    assert browser.post("/account", data=form()).headers["location"] == "/sign-in?next=/account"
    enter(browser, person[1])
    other = program(api, person[1])
    page = browser.get("/account")
    assert page.status_code == 200
    assert person[1] in page.text
    assert "script" not in page.headers["content-security-policy"]
    for wrong, said, field in [
        (form(current="wrong"), "The current password is wrong.", "current_password"),
        (form(repeated="something else"), "not typed the same way twice", "repeated"),
        (form(new="short"), "at least 10 characters", "new_password"),
    ]:
        answer = browser.post("/account", data=wrong)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'role="alert"' in answer.text
        marked = [line for line in answer.text.splitlines() if line.startswith("<input") and "aria-invalid" in line]
        assert len(marked) == 1
        assert f'id="{field}"' in marked[0]
    assert other.me().email == person[1]
    answer = browser.post("/account", data=form())
    assert answer.status_code == 200
    assert "Your password is changed." in answer.text
    assert browser.get(f"{AUTH}/me").json()["email"] == person[1]
    with pytest.raises(NotSignedIn):
        other.me()
    assert SESSION_COOKIE in browser.cookies


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.test"}, {"Origin": ""}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_sites_page_changes_nothing(
    browser: TestClient, person: tuple[UUID, str], headers: dict[str, str]
) -> None:
    enter(browser, person[1])
    assert browser.post("/account", data=form(), headers=headers).status_code == 403
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert browser.post(f"{AUTH}/password", json=body, headers=headers).status_code == 403
    assert enter(browser, person[1]) == 303
