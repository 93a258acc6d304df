"""A token and a password are seen by the site and by nobody else."""

import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from moodle_site.faults import Fault, Proxy, Reset, Said, Truncated, every_kind, from_then_on, redirect, refused_with
from moodle_site.site import PASSWORDS, TOKENS, Site
from pydantic import SecretStr

from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import SurprisingAnswer, WebServiceError
from studium.moodle.webservice.exchange import Patience
from studium.moodle.webservice.login import login
from studium.settings import Settings

TOKEN = TOKENS["service"]
PASSWORD = PASSWORDS["s2026101"]
QUICK = Patience(attempts=2, first_wait=0, jitter=0, read=2, connect=2, total=30)
SECRET = {"call": TOKEN, "download": TOKEN, "sign_in": PASSWORD}


def faults(secret: str) -> dict[str, Fault]:
    """Each kind of fault, and a site that says back what it was told."""
    echo = quote(secret)
    said = {"exception": "x", "errorcode": "neverheardof", "message": f"{secret} {echo}", "debuginfo": secret}
    return every_kind() | {
        "reset in the body": Reset(170),
        "cut in the body": Truncated(170),
        "expired": refused_with("ERR_expired_token"),
        "invalid": refused_with("ERR_invalid_token"),
        "echoed in JSON": Said(200, json.dumps(said).encode(), "application/json"),
        "echoed in broken JSON": Said(200, json.dumps(said).encode()[:-1], "application/json"),
        "echoed in a page": Said(200, f"<p>wstoken={echo}&password={secret}</p>".encode()),
        "echoed in a redirect": redirect(f"/login/{echo}?wstoken={echo}"),
        "echoed in a redirect elsewhere": redirect(f"https://{secret[:8].lower()}.example.test/{echo}"),
    }


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Site() as site, Proxy(site) as running:
        yield running


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger writes, down to the HTTP library's own debugging."""
    written, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def told(error: BaseException | None) -> str:
    """All that a traceback with local variables, a pickle and the error itself show, hidden causes included."""
    if error is None:
        return ""
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format(chain=False)
    body = error.body.decode() if isinstance(error, SurprisingAnswer) else ""
    own = "".join(lines) + repr(error) + repr(vars(error)) + body
    pickled = repr(pickle.dumps(error)) if isinstance(error, WebServiceError) else ""
    return own + pickled + told(error.__cause__) + told(error.__context__)


def assert_silent(text: str, *secrets: str) -> None:
    for secret in secrets or (TOKEN, PASSWORD):
        for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret)):
            assert form not in text


def call(client: MoodleClient, into: Path) -> None:
    client.call("core_course_get_courses")


def download(client: MoodleClient, into: Path) -> None:
    client.download(f"{client.address.wwwroot}/webservice/pluginfile.php/120/mod_page/content/index.html", into)


def sign_in(client: MoodleClient, into: Path) -> None:
    login(client.address, "s2026101", SecretStr(PASSWORD), patience=QUICK)


@pytest.mark.parametrize("ask", [call, download, sign_in])
@pytest.mark.parametrize("name", [name for name in faults("x") if name != "late"])
def test_no_error_and_no_log_holds_a_secret(
    proxy: Proxy, log: io.StringIO, tmp_path: Path, name: str, ask: Callable[[MoodleClient, Path], None]
) -> None:
    proxy.follow(from_then_on(1, faults(SECRET[ask.__name__])[name]))
    address = check_address(proxy.url, allow_private=True)
    client = MoodleClient(address, SecretStr(TOKEN), patience=QUICK)
    with client, pytest.raises(WebServiceError) as raised:
        ask(client, tmp_path / "x")
    assert_silent(told(raised.value), SECRET[ask.__name__])
    assert "HTTP Request: POST" in log.getvalue() or "send_request_headers" in log.getvalue()
    # The HTTP library's own debugging shows an answer's headers: a site that puts the token there shows it there.
    assert_silent("".join(line for line in log.getvalue().splitlines() if "Location" not in line), SECRET[ask.__name__])


def test_nothing_is_logged_or_shown_when_all_is_well(proxy: Proxy, log: io.StringIO, tmp_path: Path) -> None:
    address = check_address(proxy.url, allow_private=True)
    with MoodleClient(address, SecretStr(TOKEN)) as client:
        for ask in (call, download, sign_in):
            ask(client, tmp_path / "x")
        assert_silent(repr(client) + str(client) + repr(vars(client)))
    token = login(address, "s2026101", SecretStr(PASSWORD))
    assert token.get_secret_value() == TOKENS["student"]
    assert TOKENS["student"] not in repr(token) + log.getvalue()
    assert "/webservice/rest/server.php" in log.getvalue()
    assert_silent(log.getvalue())


def test_a_url_that_holds_a_token_is_asked_for_without_it(proxy: Proxy, log: io.StringIO, tmp_path: Path) -> None:
    path = "/webservice/pluginfile.php/120/mod_page/content/index.html"
    with MoodleClient(check_address(proxy.url, allow_private=True), SecretStr(TOKEN)) as client:
        client.download(f"{proxy.url}{path}?forcedownload=1&token={TOKEN}", tmp_path / "x")
    assert f"{path}?forcedownload=1" in log.getvalue()
    assert_silent(log.getvalue())


def test_the_settings_do_not_show_it() -> None:
    assert_silent(repr(Settings(moodle_token=SecretStr(TOKEN), _env_file=None)))
