"""One's own link with the Moodle of the university: proved by the site over HTTP, kept sealed, taken back."""

import io
import logging
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from api_world import PASSWORD, World
from fastapi import FastAPI
from invented_site import NOW, insert
from moodle_site.recordings import Recordings, recording
from moodle_site.site import PASSWORDS, TOKENS, Site
from psycopg import Connection
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from serving.app import create_app
from serving.limits import Limiter
from studium.accounts.people import PersonError, create_account
from studium.accounts.sealing import Seal, SealBrokenError, open_seal
from studium.client import ApiError, Client, Rejected, TooManyRequests, Unavailable
from studium.database.pool import Role, acting_as, connect
from studium.moodle import links
from studium.moodle.keys import site_id_of
from studium.moodle.own_view import OWN_COURSES
from studium.operations.people import unbind
from studium.settings import Settings

LINK = "/api/v1/me/moodle"
NAME = "s2026101"
SECRETS = (PASSWORDS[NAME], TOKENS["student"])
SITE_INFO = "core_webservice_get_site_info"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def linking(world: World, site: Site) -> Settings:
    return world.settings.model_copy(update={"moodle_url": site.url, "moodle_allow_private": True})


@pytest.fixture
def app(linking: Settings) -> FastAPI:
    return create_app(linking, Limiter(factor=10_000))


@pytest.fixture
def api(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def owner(world: World, site: Site) -> Iterator[Connection]:
    """A superuser's connection; what was linked with this test's site goes with it."""
    with connect(world.settings, Role.ADMIN, autocommit=True) as connection:
        yield connection
        site_id = site_id_of(site.url)
        connection.execute("delete from app.moodle_links where site_id = %s", [site_id])
        for table in ("enrolments", "users", "unvouched_people"):
            connection.execute(f"delete from raw.{table} where site_id = %s", [site_id])


@pytest.fixture
def person(world: World, api: TestClient, owner: Connection) -> Callable[[], tuple[UUID, Client]]:
    """Makes an account that is nobody's on any Moodle, and its client."""

    def made() -> tuple[UUID, Client]:
        email = f"{uuid4()}@example.test"
        with connect(world.settings, Role.PIPELINE) as connection:
            account_id = create_account(connection, email, "Pat", PASSWORD)
        client = Client(http=api)
        client.sign_in(email, PASSWORD)
        return account_id, client

    return made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What any logger writes, the HTTP library's own debugging included."""
    written, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def refused(status: int, call: Callable[..., object], **named: object) -> tuple[str, list[str]]:
    with pytest.raises(ApiError) as error:
        call(**named)
    assert error.value.problem.status == status
    return error.value.problem.detail or "", [one.field for one in error.value.problem.errors]


def learners_of(world: World, account_id: UUID) -> list[str]:
    with connect(world.settings, Role.API) as connection, acting_as(connection, account_id):
        return [row[0] for row in connection.execute("select app.current_learner_ids()")]


def test_a_password_makes_one_the_person_one_is(
    world: World, site: Site, owner: Connection, person: Callable[[], tuple[UUID, Client]]
) -> None:
    site_id = site_id_of(site.url)
    insert(owner, "users", site_id=site_id, user_id=3, username=NAME, is_deleted=False, seen_at=NOW)
    # an instructor's own backup told of this person: the site's word is better, and needs no mail address
    insert(owner, "unvouched_people", site_id=site_id, user_id=3)
    enrolment = {"enrolment_id": 1, "method": "manual", "status": 0, "method_status": 0}
    insert(owner, "enrolments", site_id=site_id, course_id=2, user_id=3, **enrolment)
    account_id, client = person()
    assert client.moodle_link().model_dump() == {"site_url": site.url, "reads_courses": True, "linked": None}
    linked = client.link_moodle(username=NAME, password=PASSWORDS[NAME]).linked
    assert linked is not None
    assert (linked.username, linked.full_name, linked.refused_because) == (NAME, "Amelia Hartley", None)
    assert client.moodle_link().linked == linked
    with connect(world.settings, Role.API) as connection, acting_as(connection, account_id):
        assert connection.execute("select app.enrolled_course_ids()").fetchall() == [(f"{site_id}:2",)]
    assert [request.function for request in site.requests] == ["/login/token.php", SITE_INFO, OWN_COURSES]
    noted = owner.execute(
        "select action, subject_learner_id from app.audit_log where actor_id = %s order by audit_id", [account_id]
    ).fetchall()
    assert noted == [("moodle_user_linked", f"{site_id}:3"), ("moodle_linked", f"{site_id}:3")]


def test_a_token_does_as_well_and_linking_again_renews(
    world: World, linking: Settings, owner: Connection, person: Callable[[], tuple[UUID, Client]]
) -> None:
    account_id, client = person()
    client.link_moodle(token=f"  {TOKENS['student']} ")
    owner.execute("update app.moodle_tokens set refused_because = 'x' where account_id = %s", [account_id])
    linked = client.link_moodle(username=NAME, password=PASSWORDS[NAME]).linked
    assert linked is not None
    assert linked.refused_because is None
    [(sealed,)] = owner.execute(
        "select token_sealed from app.moodle_tokens where account_id = %s", [account_id]
    ).fetchall()
    assert open_seal(linking).open(account_id, sealed).get_secret_value() == TOKENS["student"]


def test_what_the_site_refuses_is_said_and_binds_nobody(
    world: World, site: Site, person: Callable[[], tuple[UUID, Client]]
) -> None:
    account_id, client = person()
    for password in ("wrong", PASSWORDS[NAME] + " "):
        assert refused(422, client.link_moodle, username=NAME, password=password) == (links.WRONG_LOGIN, ["password"])
    said, fields = refused(
        422, client.link_moodle, username="svc.analytics", password=PASSWORDS["svc.analytics"]
    )  # its account may have no token of the mobile app's service
    assert said.startswith("Moodle says: ")
    assert fields == ["password"]
    assert refused(422, client.link_moodle, token="0" * 32) == (links.WRONG_TOKEN, ["token"])
    site.refused["student"] = "expired_token"
    assert refused(422, client.link_moodle, token=TOKENS["student"]) == (links.WRONG_TOKEN, ["token"])
    assert client.moodle_link().linked is None
    assert learners_of(world, account_id) == []


def test_a_token_of_another_site_is_none_of_this_one(
    world: World, site: Site, person: Callable[[], tuple[UUID, Client]]
) -> None:
    account_id, client = person()
    elsewhere = Recordings().body(SITE_INFO, "student") | {"siteurl": "https://moodle.elsewhere.test"}
    site.recordings.add(SITE_INFO, "student", elsewhere)
    assert refused(422, client.link_moodle, token=TOKENS["student"]) == (links.WRONG_SITE, ["token"])
    assert learners_of(world, account_id) == []


@pytest.mark.parametrize("closed", ["maintenance_cli", "webservices_disabled"])
def test_a_closed_site_is_no_wrong_password(site: Site, person: Callable[[], tuple[UUID, Client]], closed: str) -> None:
    _, client = person()
    site.closed = closed
    with pytest.raises(Unavailable) as error:
        client.link_moodle(username=NAME, password=PASSWORDS[NAME])
    assert error.value.problem.detail == links.NO_ANSWER


def test_a_person_belongs_to_one_account_and_an_account_to_one_person(
    world: World, site: Site, owner: Connection, person: Callable[[], tuple[UUID, Client]]
) -> None:
    (first, one), (second, other), (third, bound) = person(), person(), person()
    one.link_moodle(token=TOKENS["student"])
    assert refused(409, other.link_moodle, token=TOKENS["student"])[0] == links.REFUSED["taken"]
    owner.execute(
        "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, 99, %s)",
        [site_id_of(site.url), third],
    )
    assert refused(409, bound.link_moodle, token=TOKENS["service"])[0] == links.REFUSED["somebody_else"]
    assert [len(learners_of(world, account)) for account in (first, second, third)] == [1, 0, 1]
    assert owner.execute("select account_id from app.moodle_tokens").fetchall() == [(first,)]


def test_unlinking_forgets_the_token_and_nothing_else(
    world: World, owner: Connection, person: Callable[[], tuple[UUID, Client]]
) -> None:
    (account_id, client), (_, other) = person(), person()
    client.unlink_moodle()
    client.link_moodle(token=TOKENS["student"])
    other.unlink_moodle()
    assert client.moodle_link().linked is not None
    client.unlink_moodle()
    assert client.moodle_link().linked is None
    assert owner.execute("select count(*) from app.moodle_tokens").fetchone() == (0,)
    assert len(learners_of(world, account_id)) == 1, "who one is does not become somebody else's"
    noted = owner.execute(
        "select count(*) from app.audit_log where actor_id = %s and action = 'moodle_unlinked'", [account_id]
    ).fetchone()
    assert noted == (1,)
    assert refused(409, other.link_moodle, token=TOKENS["student"])[0] == links.REFUSED["taken"]
    assert client.link_moodle(token=TOKENS["student"]).linked is not None


def test_a_wrong_binding_is_undone(
    world: World, site: Site, linking: Settings, owner: Connection, person: Callable[[], tuple[UUID, Client]]
) -> None:
    (account_id, client), (other_id, other) = person(), person()
    client.link_moodle(token=TOKENS["student"])
    email, here = client.me().email, site_id_of(site.url)
    bound = learners_of(world, account_id)
    with pytest.raises(PersonError, match=f"nobody on elsewhere, but on {here}"):
        unbind(linking, email, "elsewhere")
    assert learners_of(world, account_id) == bound
    assert unbind(linking, email.upper(), None) == bound
    assert learners_of(world, account_id) == []
    assert owner.execute("select count(*) from app.moodle_tokens").fetchone() == (0,)
    noted = owner.execute(
        "select subject_learner_id, actor_id from app.audit_log where action = 'moodle_unbound' "
        "and detail ->> 'account_id' = %s",
        [str(account_id)],
    ).fetchall()
    assert noted == [(bound[0], None)]
    other.link_moodle(token=TOKENS["student"])
    assert learners_of(world, other_id) == bound, "who one is may be found out anew"
    with pytest.raises(PersonError, match="is nobody on any Moodle"):
        unbind(linking, email, None)
    with pytest.raises(PersonError, match="No account"):
        unbind(linking, "nobody@example.test", None)


def test_of_several_sites_one_is_named_and_its_own_view_goes_with_it(
    world: World, owner: Connection, linking: Settings, person: Callable[[], tuple[UUID, Client]]
) -> None:
    account_id, client = person()
    names = ["one-example", "one-example--0123456789ab", "two-example"]
    for number, name in enumerate(names, start=900):
        owner.execute("insert into app.moodle_links values (%s, %s, %s)", [name, number, account_id])
    with pytest.raises(PersonError, match=r"several sites \(one-example, two-example\)"):
        unbind(linking, client.me().email, None)
    assert unbind(linking, client.me().email, "one-example") == ["one-example:900", "one-example--0123456789ab:901"]
    assert learners_of(world, account_id) == ["two-example:902"]
    assert unbind(linking, client.me().email, None) == ["two-example:902"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": NAME},
        {"password": SECRETS[0]},
        {"username": "", "password": SECRETS[0]},
        {"username": NAME, "password": SECRETS[0], "token": SECRETS[1]},
        {"username": NAME, "password": SECRETS[0] * 100},
        {"username": NAME, "password": [SECRETS[0]]},
        {"username": NAME, "password": f"{SECRETS[0]}\0"},
        {"username": f"{NAME}\0", "password": SECRETS[0]},
        {"token": f"{SECRETS[1]}&wsfunction=x"},
        {"token": {"is": SECRETS[1]}},
        {"url": "http://127.0.0.1", "token": SECRETS[1]},
        [SECRETS[0]],
    ],
)
def test_a_malformed_request_is_refused_without_repeating_it(
    api: TestClient, site: Site, person: Callable[[], tuple[UUID, Client]], body: object, log: io.StringIO
) -> None:
    _, client = person()
    with pytest.raises(Rejected) as error:
        client.send("PUT", "/me/moodle", json=body)
    assert error.value.problem.status == 422
    answer = error.value.problem.model_dump_json()
    assert not any(secret in answer + log.getvalue() for secret in SECRETS)
    assert site.requests == []


def _link_well_and_badly(site: Site, client: Client) -> None:
    client.link_moodle(username=NAME, password=PASSWORDS[NAME])
    client.link_moodle(token=TOKENS["student"])
    site.closed = "maintenance_cli"
    for secret in ({"username": NAME, "password": PASSWORDS[NAME]}, {"token": TOKENS["student"]}):
        with pytest.raises(Unavailable):
            client.link_moodle(**secret)


def test_no_log_and_no_table_holds_a_secret(
    site: Site,
    owner: Connection,
    person: Callable[[], tuple[UUID, Client]],
    log: io.StringIO,
) -> None:
    with capture_logs() as entries:
        _link_well_and_badly(site, person()[1])
    said = repr(entries)
    assert "link_moodle" in said
    assert "moodle_silent" in said
    assert "/login/token.php" in log.getvalue()
    tables = owner.execute("select schemaname, tablename from pg_tables where schemaname in ('app', 'raw')").fetchall()
    written = said + log.getvalue()
    for name in tables:
        rows = owner.execute(SQL("select row::text from {} as row").format(Identifier(*name)))
        written += "".join(row[0] for row in rows)
    assert "Amelia Hartley" in written, "the tables were read"
    for secret in SECRETS:
        assert secret not in written
        assert secret.encode().hex() not in written


def test_without_a_moodle_there_is_nothing_to_link(world: World) -> None:
    with TestClient(create_app(world.settings, Limiter(factor=10_000))) as api:
        client = Client(http=api)
        client.sign_in(world.email("ann"), PASSWORD)
        assert client.moodle_link().model_dump() == {"site_url": None, "reads_courses": False, "linked": None}
        assert refused(409, client.link_moodle, token="0" * 32)[0] == links.NO_SITE


def test_guessing_is_limited_by_account_and_by_name(
    linking: Settings, person: Callable[[], tuple[UUID, Client]]
) -> None:
    people = [person()[1] for _ in range(2)]
    with TestClient(create_app(linking)) as api:
        limited = [Client(http=api, access_token=one._headers["Authorization"][7:]) for one in people]
        for _ in range(10):
            refused(422, limited[0].link_moodle, username=NAME, password="wrong")
        with pytest.raises(TooManyRequests):
            limited[0].link_moodle(token="0" * 32)
        with pytest.raises(TooManyRequests):
            limited[1].link_moodle(username=NAME, password="wrong")


def test_a_browser_links_from_our_own_pages_alone(world: World, api: TestClient) -> None:
    browser = TestClient(api.app, follow_redirects=False, headers={"Origin": "http://testserver"})
    browser.post("/sign-in", data={"email": world.email("ben"), "password": PASSWORD})
    assert browser.put(LINK, json={"token": "0" * 32}, headers={"Origin": "http://evil.test"}).status_code == 403
    assert browser.put(LINK, json={"token": "0" * 32}).status_code == 422
    assert api.put(LINK, json={"token": "0" * 32}).status_code == 401


def test_the_database_keeps_sealed_tokens_from_the_api(world: World, person: Callable[[], tuple[UUID, Client]]) -> None:
    (mine, client), (other, _) = person(), person()
    client.link_moodle(token=TOKENS["student"])
    own = "select username, full_name, refused_because from app.moodle_tokens"
    with connect(world.settings, Role.API, autocommit=True) as api:
        assert api.execute(own).fetchall() == []
        for account, seen in ((mine, 1), (other, 0), (world.accounts["root"], 0)):
            with acting_as(api, account):
                assert len(api.execute(own).fetchall()) == seen
                assert api.execute("delete from app.moodle_tokens where username = 'nobody'").rowcount == 0
        for statement in (
            "select token_sealed from app.moodle_tokens",
            "select * from app.moodle_tokens",
            "update app.moodle_tokens set refused_because = null",
            "insert into app.moodle_tokens (account_id, site_id, moodle_user_id, username, full_name, token_sealed) "
            "values (app.current_account(), 's', 1, 'x', 'x', 'x')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(api, mine):
                api.execute(statement)
    with connect(world.settings, Role.READER) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(own)
    with connect(world.settings, Role.PIPELINE) as pipeline:
        assert len(pipeline.execute("select token_sealed from app.moodle_tokens").fetchall()) == 1


def test_keys_can_be_changed(linking: Settings, owner: Connection, person: Callable[[], tuple[UUID, Client]]) -> None:
    account_id, client = person()
    client.link_moodle(token=TOKENS["student"])
    keys = {"old": "o" * 32, "new": "n" * 32}

    def seal_of(*names: str) -> Seal:
        return open_seal(linking.model_copy(update={"token_keys": SecretStr(", ".join(keys[name] for name in names))}))

    def rotated(*names: str) -> links.Rotated:
        with connect(linking, Role.PIPELINE) as connection:
            return links.rotate(connection, seal_of(*names))

    assert rotated("old") == links.Rotated(1, 0, []), "what the installation's own key sealed"
    assert rotated("old") == links.Rotated(0, 1, [])
    assert rotated("new", "old") == links.Rotated(1, 0, [])
    assert rotated("old") == links.Rotated(0, 0, ["Amelia Hartley (s2026101)"]), "told, and left"
    assert rotated("new") == links.Rotated(0, 1, [])
    [(sealed,)] = owner.execute("select token_sealed from app.moodle_tokens").fetchall()
    assert seal_of("new").open(account_id, sealed).get_secret_value() == TOKENS["student"]
    with pytest.raises(SealBrokenError):
        seal_of("new").open(uuid4(), sealed)


def test_the_recorded_refusals_are_those_that_are_told_apart() -> None:
    """`login/token.php` was recorded for a wrong password, services not to be had, and a closed site; for no more."""
    tags = {"wrong_password": "invalidlogin", "not_authorised_service": "usernotallowed"}
    assert {tag: recording(f"login/token.php/{tag}/").body["errorcode"] for tag in tags} == tags
