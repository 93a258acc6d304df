"""The client against the recorded site, over real HTTP."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from moodle_site.recordings import DATA, php_json, recording
from moodle_site.site import PASSWORDS, TOKENS, Site
from pydantic import SecretStr

from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import (
    AuthenticationError,
    LoginRefused,
    Maintenance,
    MissingFunction,
    NotPermitted,
    NotThere,
    ServicesDisabled,
    SurprisingAnswer,
    WebServiceError,
)
from studium.moodle.webservice.files import Declared, Downloaded, NotModified
from studium.moodle.webservice.login import login
from studium.moodle.webservice.parameters import flatten
from studium.settings import Settings

SITE_INFO = "core_webservice_get_site_info"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def client_of(site: Site, account: str = "service") -> MoodleClient:
    address = check_address(site.url, allow_private=True)
    return MoodleClient(address, SecretStr(TOKENS.get(account, account)))


def test_a_call_gives_what_was_recorded(site: Site) -> None:
    with client_of(site) as client:
        courses = client.call("core_course_get_courses")
        contents = client.call("core_course_get_contents", courseid=2)
    assert courses == recording("core_course_get_courses/service/").body
    assert [section["section"] for section in contents] == list(range(8))
    assert client.calls == 2
    assert client.bytes == len(php_json(courses)) + len(php_json(contents))
    assert site.unrecorded == []


def test_a_files_url_leads_to_the_address_the_client_was_given(site: Site) -> None:
    with client_of(site) as client:
        contents = client.call("core_course_get_contents", courseid=2)
    urls = [
        file["fileurl"] for s in contents for m in s["modules"] for file in m.get("contents", []) if file["fileurl"]
    ]
    assert sum(url.startswith(f"{site.url}/webservice/pluginfile.php/") for url in urls) == 25


def test_parameters_are_flattened_as_moodle_wants_them(site: Site) -> None:
    options = [{"name": "onlyactive", "value": True}, {"name": "userfields", "value": "id,username"}]
    assert flatten({"courseid": 2, "options": options, "groupid": None, "values": {"a": [1, 2]}}) == (
        ("courseid", "2"),
        ("options[0][name]", "onlyactive"),
        ("options[0][value]", "1"),
        ("options[1][name]", "userfields"),
        ("options[1][value]", "id,username"),
        ("values[a][0]", "1"),
        ("values[a][1]", "2"),
    )
    with client_of(site) as client:
        active = client.call("core_enrol_get_enrolled_users", courseid=2, options=options)
    assert active == recording("core_enrol_get_enrolled_users/service/onlyactive").body


def test_the_key_to_the_persons_files_is_not_handed_on(site: Site) -> None:
    with client_of(site) as client:
        info = client.call(SITE_INFO)
    assert info["userid"] == 46
    assert "userprivateaccesskey" not in info


@pytest.mark.parametrize("how", ["expired_token", "ip_restricted_token", "invalid_token"])
def test_a_dead_token_is_told_from_a_missing_grant(site: Site, how: str) -> None:
    with client_of(site) as client:
        with pytest.raises(NotPermitted, match="core_user_create_users"):
            client.call("core_user_create_users")
        site.refused["service"] = how  # type: ignore[assignment]
        with pytest.raises(AuthenticationError, match="core_course_get_courses"):
            client.call("core_course_get_courses")


def test_whether_the_token_lives_is_asked_once_a_function(site: Site) -> None:
    with client_of(site) as client:
        for _ in range(3):
            with pytest.raises(NotPermitted):
                client.call("core_user_create_users")
    assert [request.function for request in site.requests].count(SITE_INFO) == 1


@pytest.mark.parametrize(
    ("function", "parameters", "expected"),
    [
        ("no_such_function", {}, MissingFunction),
        ("core_course_get_contents", {"courseid": 99999}, NotThere),
        ("core_search_get_results", {"query": "filtration"}, NotPermitted),
    ],
)
def test_a_refusal_has_its_class(
    site: Site, function: str, parameters: dict[str, object], expected: type[WebServiceError]
) -> None:
    with client_of(site) as client, pytest.raises(expected) as raised:
        client.call(function, **parameters)
    assert raised.value.function == function
    assert client.calls == 1


def test_what_was_never_recorded_fails(site: Site) -> None:
    with client_of(site) as client, pytest.raises(WebServiceError, match="501"):
        client.call("core_course_get_contents", courseid=77)
    assert "core_course_get_contents {'courseid': '77'}" in site.unrecorded[0]


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ("maintenance_cli", Maintenance),
        ("maintenance_ui", Maintenance),
        ("webservices_disabled", ServicesDisabled),
    ],
)
def test_a_closed_site_is_known_as_such(site: Site, closed: str, expected: type[WebServiceError], quick: dict) -> None:
    site.closed = closed  # type: ignore[assignment]
    address = check_address(site.url, allow_private=True)
    with MoodleClient(address, SecretStr(TOKENS["service"]), **quick) as client, pytest.raises(expected) as raised:
        client.call(SITE_INFO)
    assert type(raised.value) is expected
    assert raised.value.stops


@pytest.mark.parametrize("name", sorted(PASSWORDS))
def test_a_password_becomes_a_token(site: Site, name: str) -> None:
    service = {"s2026101": "moodle_mobile_app", "svc.analytics": "analytics"}[name]
    address = check_address(site.url, allow_private=True)
    token = login(address, name, SecretStr(PASSWORDS[name]), service)
    with MoodleClient(address, token) as client:
        assert client.call(SITE_INFO)["username"] == name


@pytest.mark.parametrize(
    ("name", "password", "service", "code"),
    [
        ("s2026101", "wrong", "moodle_mobile_app", "invalidlogin"),
        ("s2026101", PASSWORDS["s2026101"], "analytics", "usernotallowed"),
        ("s2026101", PASSWORDS["s2026101"], "nothing", "servicenotavailable"),
        ("", "x", "moodle_mobile_app", "missingparam"),
    ],
)
def test_a_refused_login_says_why(site: Site, name: str, password: str, service: str, code: str) -> None:
    with pytest.raises(LoginRefused) as raised:
        login(check_address(site.url, allow_private=True), name, SecretStr(password), service)
    assert raised.value.errorcode == code


def test_every_file_declared_for_two_courses_comes_whole(site: Site, tmp_path: Path) -> None:
    with client_of(site) as client:
        for course in (2, 4):
            sections = client.call("core_course_get_contents", courseid=course)
            files = [f for s in sections for m in s["modules"] for f in m.get("contents", []) if f["type"] == "file"]
            for file in files:
                declared = Declared(file["filesize"], file.get("mimetype"))
                got = client.download(file["fileurl"], tmp_path / "file", declared)
                assert isinstance(got, Downloaded)
                assert got.size == (tmp_path / "file").stat().st_size
                assert got.etag in {None, got.sha1}
                assert got.sha1 == hashlib.sha1((tmp_path / "file").read_bytes()).hexdigest()
                (tmp_path / "file").unlink()
    assert site.unrecorded == []
    assert list(tmp_path.iterdir()) == []


PDF = "/63/mod_resource/content/0/CVS201%20Lecture%201%20handout%20-%20Excitation-contraction%20coupling.pdf"


@pytest.mark.parametrize("script", ["/webservice/pluginfile.php", "/pluginfile.php"])
def test_an_unchanged_file_is_not_sent_again(site: Site, tmp_path: Path, script: str) -> None:
    url = f"{site.url}{script}{PDF}?forcedownload=1"
    with client_of(site) as client:
        first = client.download(url, tmp_path / "a.pdf")
        assert isinstance(first, Downloaded)
        before = client.bytes
        assert client.download(url, tmp_path / "b.pdf", etag=first.etag) == NotModified(first.sha1)
    assert client.bytes == before
    assert not (tmp_path / "b.pdf").exists()


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (Declared(size=10_006), "10006 bytes"),
        (Declared(sha1="0" * 40), "not those"),
        (Declared(media_type="text/plain"), "text/plain"),
    ],
)
def test_another_file_than_was_declared_is_not_kept(
    site: Site, tmp_path: Path, declared: Declared, said: str, quick: dict
) -> None:
    address = check_address(site.url, allow_private=True)
    (tmp_path / "a.pdf").write_bytes(b"what was there before")
    client = MoodleClient(address, SecretStr(TOKENS["service"]), **quick)
    with client, pytest.raises(WebServiceError, match=said):
        client.download(f"{site.url}/webservice/pluginfile.php{PDF}", tmp_path / "a.pdf", declared)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.pdf", b"what was there before")]


@pytest.mark.parametrize(
    ("account", "path", "expected"),
    [
        ("student", "/77/mod_page/content/index.html", NotPermitted),
        ("service", "/63/mod_resource/content/0/nothing.pdf", NotThere),
        ("f" * 32, PDF, AuthenticationError),
    ],
)
def test_json_instead_of_a_file_is_an_error(
    site: Site, tmp_path: Path, account: str, path: str, expected: type[WebServiceError]
) -> None:
    with client_of(site, account) as client, pytest.raises(expected):
        client.download(f"{site.url}/webservice/pluginfile.php{path}", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=x",
        "http://127.0.0.1:1/webservice/pluginfile.php/1/x",
        "{site}/login/index.php",
        "{site}/draftfile.php/1/x",
        "{site}/webservice/pluginfile.php/../../login/token.php",
        "{site}/webservice/pluginfile.phpx/1",
        "http://[",
    ],
)
def test_the_token_goes_to_no_other_url(site: Site, tmp_path: Path, url: str) -> None:
    with client_of(site) as client, pytest.raises((NotPermitted, NotThere)):
        client.download(url.replace("{site}", site.url), tmp_path / "x")
    assert site.requests == []


def test_many_calls_come_in_order_and_at_most_so_many_at_once(site: Site) -> None:
    calls = [("core_completion_get_course_completion_status", {"courseid": 2, "userid": user}) for user in range(3, 42)]
    busy, most, lock = 0, 0, threading.Lock()
    answer = site.served

    def counted(*request: object) -> object:
        nonlocal busy, most
        with lock:
            busy, most = busy + 1, max(most, busy + 1)
        threading.Event().wait(0.005)
        with lock:
            busy -= 1
        return answer(*request)  # type: ignore[arg-type]

    site.served = counted  # type: ignore[method-assign,assignment]
    with client_of(site) as client:
        asked = list(client.map_calls([*calls, ("no_such_function", {})]))
    assert [(one.function, dict(one.parameters)) for one in asked[:-1]] == calls
    assert all(one.error is None and one.answer["completionstatus"] for one in asked[:-1])
    assert isinstance(asked[-1].error, MissingFunction)
    assert 2 <= most <= 4


def test_a_token_that_dies_ends_the_calls(site: Site) -> None:
    calls = (("core_completion_get_course_completion_status", {"courseid": 2, "userid": user}) for user in range(3, 43))
    done = []

    def read_on(client: MoodleClient) -> None:
        for one in client.map_calls(calls):
            done.append(one)
            site.refused["service"] = "expired_token"

    with client_of(site) as client, pytest.raises(AuthenticationError):
        read_on(client)
    assert 1 <= len(done) <= 12
    assert client.calls < 40


def test_the_sites_own_account_comes_from_the_settings(site: Site) -> None:
    settings = Settings(
        moodle_url=site.url, moodle_token=SecretStr(TOKENS["service"]), moodle_allow_private=True, _env_file=None
    )
    with MoodleClient.of_site(settings) as client:
        assert client.call(SITE_INFO)["username"] == "svc.analytics"
    with pytest.raises(WebServiceError, match="STUDIUM_MOODLE_URL"):
        MoodleClient.of_site(Settings(_env_file=None))


def test_the_site_keeps_the_recorded_ranges(site: Site) -> None:
    data = (
        DATA / "files" / "CVS201__resource7__CVS201 Lecture 1 handout - Excitation-contraction coupling.pdf"
    ).read_bytes()
    url = f"{site.url}/webservice/pluginfile.php{PDF}?token={TOKENS['service']}"
    for asked, status, body in (
        ("bytes=0-99", 206, data[:100]),
        ("bytes=-100", 206, data[-100:]),
        ("bytes=99999999-", 200, data),
    ):
        answer = httpx2.get(url, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (status, body)


def test_an_answer_larger_than_allowed_is_not_read_to_its_end(site: Site, quick: dict) -> None:
    address = check_address(site.url, allow_private=True)
    patience = replace(quick["patience"], answer_bytes=10_000)
    client = MoodleClient(address, SecretStr(TOKENS["service"]), patience=patience)
    with client, pytest.raises(SurprisingAnswer, match="longer than 10000"):
        client.call("core_course_get_contents", courseid=2)
    assert client.bytes < 45_000
