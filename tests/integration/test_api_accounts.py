"""Signing in, tokens, sessions, invitations: over HTTP, with the real database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from api_world import BIOLOGY, PASSWORD, World
from fastapi import FastAPI
from invented_site import COURSE, NOW, SITE, insert
from starlette.testclient import TestClient

from serving.app import create_app
from serving.dependencies import now
from studium.accounts import invitations
from studium.accounts.people import PersonError, create_account
from studium.client import SESSION_COOKIE, Client, NotFound, NotSignedIn
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey

AUTH = "/api/v1/auth"
OURS = {"Origin": "http://testserver"}


@contextmanager
def at(app: FastAPI, moment: datetime) -> Iterator[None]:
    app.dependency_overrides[now] = lambda: moment
    try:
        yield
    finally:
        del app.dependency_overrides[now]


@pytest.fixture
def browser(api: TestClient) -> Iterator[TestClient]:
    """A browser of its own on the running API."""
    made = TestClient(api.app, follow_redirects=False, headers=OURS)
    yield made
    made.close()


def refresh(api: TestClient, token: str) -> tuple[int, dict[str, str]]:
    answer = api.post(f"{AUTH}/refresh", json={"refresh_token": token})
    return answer.status_code, answer.json()


def signed_in(api: TestClient, world: World, name: str = "ann") -> dict[str, str]:
    answer = api.post(f"{AUTH}/login", json={"email": world.email(name).upper(), "password": PASSWORD})
    assert answer.status_code == 200
    tokens: dict[str, str] = answer.json()
    return tokens


def works(api: TestClient, tokens: dict[str, str]) -> bool:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return api.get(f"{AUTH}/me", headers=headers).status_code == 200


def test_a_person_signs_in_and_is_who_they_are(api: TestClient, world: World) -> None:
    with Client(http=TestClient(api.app)) as client:
        assert client.sign_in(world.email("ann"), PASSWORD).expires_in == 900
        me = client.me()
    assert (me.account_id, me.display_name, me.is_admin) == (world.accounts["ann"], "Ann", False)
    assert [(course.course_id, course.role) for course in me.courses] == [(BIOLOGY, "student")]


@pytest.mark.parametrize("name", ["tom", "root", "out", "sue"])
def test_roles_follow_the_course(api: TestClient, world: World, client: Callable[[str], Client], name: str) -> None:
    roles = {course.course_id: course.role for course in client(name).me().courses}
    expected = {"tom": {BIOLOGY: "instructor"}, "root": {BIOLOGY: "admin", f"{SITE}:2": "admin"}}
    assert roles == expected.get(name, {})


@pytest.mark.parametrize(
    ("email", "password"),
    [("ann@example.test", "wrong"), ("nobody@example.test", PASSWORD), ("", ""), ("ann@example.test' --", PASSWORD)],
)
def test_wrong_credentials_get_one_answer(api: TestClient, world: World, email: str, password: str) -> None:
    answer = api.post(f"{AUTH}/login", json={"email": email, "password": password})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The email address or the password is wrong."


def test_an_account_that_is_disabled_is_out_at_once(api: TestClient, world: World) -> None:
    tokens = signed_in(api, world, "out")
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("update app.accounts set disabled_at = now() where email = 'out@example.test'")
    try:
        assert not works(api, tokens)
        assert refresh(api, tokens["refresh_token"])[0] == 401
        wanted = {"email": world.email("out"), "password": PASSWORD}
        assert api.post(f"{AUTH}/login", json=wanted).status_code == 401
    finally:
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute("update app.accounts set disabled_at = null where email = 'out@example.test'")


def test_signing_out_ends_the_access_token_too(api: TestClient, world: World) -> None:
    tokens = signed_in(api, world)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert api.post(f"{AUTH}/logout", headers=headers).status_code == 204
    assert not works(api, tokens)
    assert refresh(api, tokens["refresh_token"])[0] == 401


def test_a_refresh_token_is_used_once(api: TestClient, world: World) -> None:
    first = signed_in(api, world)
    status, second = refresh(api, first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert works(api, second)
    assert refresh(api, second["refresh_token"])[0] == 200


def test_a_retry_within_seconds_gets_the_same_successor(api: TestClient, app: FastAPI, world: World) -> None:
    first, moment = signed_in(api, world), datetime.now(UTC)
    _, second = refresh(api, first["refresh_token"])
    with at(app, moment + timedelta(seconds=8)):
        status, again = refresh(api, first["refresh_token"])
    assert status == 200
    assert again["refresh_token"] == second["refresh_token"]


def test_a_spent_token_used_later_ends_the_family(api: TestClient, app: FastAPI, world: World) -> None:
    first, moment = signed_in(api, world), datetime.now(UTC)
    _, second = refresh(api, first["refresh_token"])
    with at(app, moment + timedelta(seconds=12)):
        assert refresh(api, first["refresh_token"])[0] == 401
    assert refresh(api, second["refresh_token"])[0] == 401
    assert not works(api, second)
    other = signed_in(api, world)
    assert works(api, other)


def test_a_token_whose_successor_was_used_ends_the_family_even_at_once(api: TestClient, world: World) -> None:
    first = signed_in(api, world)
    _, second = refresh(api, first["refresh_token"])
    _, third = refresh(api, second["refresh_token"])
    assert refresh(api, first["refresh_token"])[0] == 401
    assert refresh(api, third["refresh_token"])[0] == 401


def test_a_refresh_token_ends_after_seven_days(api: TestClient, app: FastAPI, world: World) -> None:
    first = signed_in(api, world)
    with at(app, datetime.now(UTC) + timedelta(days=7, seconds=5)):
        assert refresh(api, first["refresh_token"])[0] == 401


def test_two_tabs_at_once_go_on_together(api: TestClient, world: World) -> None:
    first = signed_in(api, world)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: refresh(api, first["refresh_token"]), range(6)))
    assert {status for status, _ in answers} == {200}
    assert len({tokens["refresh_token"] for _, tokens in answers}) == 1
    with connect(world.settings, Role.ADMIN) as connection:
        kept = connection.execute(
            "select count(*), count(*) filter (where spent_at is null) from app.refresh_tokens where family_id = "
            "(select family_id from app.refresh_tokens order by issued_at desc limit 1)"
        ).fetchone()
    assert kept == (2, 1)


def test_no_token_is_kept_as_it_is(api: TestClient, world: World, browser: TestClient) -> None:
    tokens = signed_in(api, world)
    browser.post("/sign-in", data={"email": world.email("ann"), "password": PASSWORD})
    with connect(world.settings, Role.ADMIN) as connection:
        rows = connection.execute("select token_hash from app.refresh_tokens union select token_hash from app.sessions")
        kept = {bytes(row[0]) for row in rows.fetchall()}
    assert tokens["refresh_token"].encode() not in kept
    assert browser.cookies[SESSION_COOKIE].encode() not in kept


def test_a_browser_signs_in_and_out(browser: TestClient, world: World) -> None:
    wanted = {"email": world.email("ann"), "password": PASSWORD, "next": "/ask?course=1"}
    answer = browser.post("/sign-in", data=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask?course=1")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert browser.get(f"{AUTH}/me").json()["display_name"] == "Ann"
    session = browser.cookies[SESSION_COOKIE]
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert SESSION_COOKIE not in browser.cookies
    assert browser.get(f"{AUTH}/me", headers={"Cookie": f"{SESSION_COOKIE}={session}"}).status_code == 401


def test_a_wrong_password_shows_the_form_again(browser: TestClient, world: World) -> None:
    answer = browser.post("/sign-in", data={"email": world.email("ann"), "password": "wrong", "next": "//evil.test"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "evil.test" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"Origin": "http://testserver"}, 204),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "http://127.0.0.1:8000"}, 204),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "http://testserver.evil.test"}, 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_a_cookie_alone_changes_nothing(browser: TestClient, world: World, sent: dict[str, str], status: int) -> None:
    browser.post("/sign-in", data={"email": world.email("ann"), "password": PASSWORD})
    session = browser.cookies[SESSION_COOKIE]
    assert browser.post(f"{AUTH}/logout", headers=sent).status_code == status
    still = browser.get(f"{AUTH}/me", headers={"Cookie": f"{SESSION_COOKIE}={session}"}).status_code
    assert still == (401 if status == 204 else 200)


def test_another_sites_form_signs_nobody_in(browser: TestClient, world: World) -> None:
    wanted = {"email": world.email("ann"), "password": PASSWORD}
    assert browser.post("/sign-in", data=wanted, headers={"Origin": "http://evil.test"}).status_code == 403


def test_a_session_ends_after_seven_days_and_when_its_row_goes(browser: TestClient, world: World) -> None:
    browser.post("/sign-in", data={"email": world.email("ben"), "password": PASSWORD})
    for change in ("update app.sessions set expires_at = now()", "delete from app.sessions"):
        assert browser.get(f"{AUTH}/me").status_code == 200
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute(f"{change} where account_id = %s", [world.accounts["ben"]])
        assert browser.get(f"{AUTH}/me").status_code == 401
        browser.post("/sign-in", data={"email": world.email("ben"), "password": PASSWORD})


@pytest.fixture
def invited(world: World) -> Iterator[Callable[[str], str]]:
    """Invite a new person of the course, and say the link's end."""

    def invite(email: str) -> str:
        with connect(world.settings, Role.ADMIN) as connection:
            number = connection.execute("select max(user_id) + 1000 from raw.users").fetchone()[0]
            insert(
                connection, "users", site_id=SITE, user_id=number, is_deleted=False, seen_at=NOW,
                email=email, first_name="Zoë", last_name="New",
            )  # fmt: skip
            insert(
                connection, "enrolments", site_id=SITE, course_id=COURSE, enrolment_id=number, user_id=number,
                method="manual", status=0, method_status=0,
            )  # fmt: skip
        with connect(world.settings, Role.PIPELINE) as connection:
            made = invitations.invite(connection, CourseKey(SITE, COURSE), datetime.now(UTC))
        return next(person.token for person in made if person.email == email.lower())

    yield invite
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("delete from app.invitations")


def test_an_invitation_makes_an_account_once(api: TestClient, invited: Callable[[str], str]) -> None:
    token = invited("Zoe@example.test")
    with Client(http=TestClient(api.app)) as client:
        client.accept_invitation(token, "a long enough password", "Zoë the First")
        me = client.me()
    assert (me.email, me.display_name) == ("zoe@example.test", "Zoë the First")
    assert [course.course_id for course in me.courses] == [BIOLOGY]
    with Client(http=TestClient(api.app)) as client, pytest.raises(NotFound):
        client.accept_invitation(token, "another long password")


def test_an_invitation_never_opens_an_account_that_exists(
    api: TestClient, world: World, invited: Callable[[str], str]
) -> None:
    token = invited("out@example.test")
    with Client(http=TestClient(api.app)) as client:
        with pytest.raises(NotSignedIn, match="has an account already"):
            client.accept_invitation(token, "a new long password")
        client.accept_invitation(token, PASSWORD)
        assert [course.course_id for course in client.me().courses] == [BIOLOGY]
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("delete from app.moodle_links where account_id = %s", [world.accounts["out"]])


def test_a_weak_password_leaves_the_invitation_open(
    api: TestClient, browser: TestClient, invited: Callable[[str], str]
) -> None:
    token = invited("weak@example.test")
    answer = api.post(f"{AUTH}/invitations/accept", json={"token": token, "password": "short"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "password"
    page = browser.post(f"/invitation/{token}", data={"password": "short", "display_name": "Wei"})
    assert page.status_code == 422
    assert "at least 10 characters" in page.text
    assert 'value="Wei"' in page.text
    answer = browser.post(f"/invitation/{token}", data={"password": "long enough now", "display_name": "Wei"})
    assert answer.status_code == 303
    assert browser.get(f"{AUTH}/me").json()["display_name"] == "Wei"


def test_an_old_or_replaced_link_is_over(world: World, browser: TestClient, invited: Callable[[str], str]) -> None:
    replaced = invited("late@example.test")
    with connect(world.settings, Role.PIPELINE) as connection:
        again = invitations.invite(connection, CourseKey(SITE, COURSE), datetime.now(UTC) - invitations.LIFE)
    old = next(person.token for person in again if person.email == "late@example.test")
    for token in (replaced, old, "made-up"):
        assert browser.get(f"/invitation/{token}").status_code == 404
        assert browser.post(f"/invitation/{token}", data={"password": "long enough now"}).status_code == 404


def test_accounts_are_made_whole_or_not_at_all(world: World) -> None:
    with connect(world.settings, Role.PIPELINE) as connection:
        for email, name, moodle_user, said in [
            ("ann@example.test", "A", None, "has an account already"),
            ("no address", "A", None, "not an email address"),
            ("new@example.test", "", None, "1 to 200"),
            ("new@example.test", "A", (SITE, "nobody"), "no Moodle user"),
            ("new@example.test", "A", (SITE, "ann"), "belongs to an account already"),
        ]:
            with pytest.raises(PersonError, match=said):
                create_account(connection, email, name, moodle_user=moodle_user)
        found = connection.execute("select from app.accounts where email like 'new%'").fetchall()
    assert found == []


def test_over_https_the_cookie_stays_there(world: World) -> None:
    public = world.settings.model_copy(update={"public_url": "https://studium.example.test"})
    wanted = {"email": world.email("ann"), "password": PASSWORD}
    with TestClient(create_app(public), follow_redirects=False) as behind_proxy:
        answer = behind_proxy.post("/sign-in", data=wanted, headers={"Origin": "https://studium.example.test"})
        assert "secure" in answer.headers["set-cookie"].lower()
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        downgraded = behind_proxy.post("/sign-in", data=wanted, headers={"Origin": "http://studium.example.test"})
        assert downgraded.status_code == 403


def test_many_sign_ins_at_once_wait_for_their_turn(api: TestClient, world: World) -> None:
    wanted = {"email": world.email("ann"), "password": PASSWORD}
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: api.post(f"{AUTH}/login", json=wanted).status_code, range(24)))
    assert set(answers) == {200}
