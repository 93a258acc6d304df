"""The site itself: a thread that serves the recordings at a port of this machine.

Tokens and passwords are of our own choosing, since the recorded ones were taken out. What was not recorded is answered
with 501 and kept in `unrecorded`: a test that asks for it must not pass by accident.
"""

import hashlib
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from moodle_site.files import Files, Served
from moodle_site.recordings import (
    RECORDED_AT,
    NotRecorded,
    Recorded,
    Recordings,
    php_json,
    recording,
)

TOKENS = {
    account: hashlib.sha256(f"token of {account}".encode()).hexdigest()[:32]
    for account in ("service", "admin", "teacher", "student", "student2")
}
PASSWORDS = {"s2026101": "correct-horse-&-staple", "svc.analytics": "only-for-tests"}
_SERVICES = {"s2026101": ("student", "moodle_mobile_app"), "svc.analytics": ("service", "analytics")}
_SITE_INFO = "core_webservice_get_site_info/service/"
_SECRET = "<redacted-32-hex>"
_DENIED_TO_STUDENTS = {"/webservice/pluginfile.php/77/mod_page/content/index.html"}


@dataclass(frozen=True)
class Request:
    """One request as the site saw it."""

    account: str | None
    function: str
    params: Mapping[str, str]
    path: str


class Server(ThreadingHTTPServer):
    """A server whose own mistakes fail the test, while clients may hang up as they like."""

    def __init__(self, *arguments: Any) -> None:
        self.failures: list[BaseException | None] = []
        super().__init__(*arguments)

    def handle_error(self, *_: object) -> None:
        error = sys.exception()
        if not isinstance(error, ConnectionError | ssl.SSLError):
            self.failures.append(error)


class Site:
    """A Moodle whose answers can be edited, whose tokens can die, and that can be closed."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.recordings = Recordings()
        self.files = Files()
        self.requests: list[Request] = []
        self.unrecorded: list[str] = []
        self.closed: Literal["maintenance_cli", "maintenance_ui", "webservices_disabled"] | None = None
        self.refused: dict[str, Literal["invalid_token", "expired_token", "ip_restricted_token"]] = {}
        self.clock = 0.0
        """How many seconds the site's clock is ahead."""
        self.lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), _Handler)
        self._server.site = self  # type: ignore[attr-defined]
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """The site's address."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert not self._server.failures, f"the test site itself failed: {self._server.failures}"

    def served(self, path: str, form: dict[str, str], headers: dict[str, str]) -> Served:
        """The answer to a request."""
        account = next(
            (name for name, token in TOKENS.items() if token == form.get("wstoken", form.get("token"))), None
        )
        function = form.get("wsfunction", path)
        params = {k: v for k, v in form.items() if k not in _NO_PARAMETER and (k, v) != _SPOKEN}
        with self.lock:
            self.requests.append(Request(account, function, params, path))
            try:
                if path == "/webservice/rest/server.php":
                    return self._called(function, account, params, form)
                if path == "/login/token.php":
                    return self._login(form)
                if path.startswith("/webservice/pluginfile.php/"):
                    return self._file(path, account, form, headers)
                raise NotRecorded(f"not recorded: {path}")
            except NotRecorded as missing:
                self.unrecorded.append(str(missing))
                return Served(501, {"Content-Type": "text/plain; charset=utf-8"}, str(missing).encode())

    def _called(self, function: str, account: str | None, params: dict[str, str], form: dict[str, str]) -> Served:
        if form.get("moodlewsrestformat") != "json":
            raise NotRecorded("not recorded here: an answer in XML")
        if self.closed and not (self.closed == "maintenance_ui" and account == "admin"):
            return as_recorded(recording(f"{_SITE_INFO}ERR_{self.closed}"))
        if account is None:
            return as_recorded(recording(f"{_SITE_INFO}ERR_invalid_token"))
        if account in self.refused:
            return as_recorded(recording(f"{_SITE_INFO}ERR_{self.refused[account]}"))
        return Served(
            200, {"Content-Type": "application/json"}, _whole(self.recordings.answer(function, account, params))
        )

    def _login(self, form: dict[str, str]) -> Served:
        name, service = form.get("username", ""), form.get("service", "")
        if self.closed == "maintenance_cli":
            return as_recorded(recording("login/token.php/maintenance_cli/"))
        if not name:
            return _login_said("missing_params")
        if PASSWORDS.get(name) != form.get("password"):
            return _login_said("wrong_password")
        account, granted = _SERVICES[name]
        if service == granted:
            body = recording("login/token.php/right/").body | {"token": TOKENS[account]}
            return Served(200, {"Content-Type": "application/json; charset=utf-8"}, php_json(body))
        return _login_said("not_authorised_service" if service == "analytics" else "unknown_service")

    def _file(self, path: str, account: str | None, form: dict[str, str], headers: dict[str, str]) -> Served:
        if "token" not in form:
            return self.files.said("pdf no token")
        if account is None or self.refused.get(account) == "invalid_token":
            return self.files.said("pdf wrong token")
        if account in self.refused or self.closed:
            raise NotRecorded(f"not recorded: a file while {self.refused.get(account) or self.closed}")
        if account.startswith("student") and path in _DENIED_TO_STUDENTS:
            return self.files.said("hidden page index.html as student")
        return self.files.serve(path, headers)


_SPOKEN = ("moodlewssettinglang", "en")
"""The language of the recording, which a call may ask for by name: Moodle takes it off before it looks at a call."""
_NO_PARAMETER = {"wstoken", "wsfunction", "moodlewsrestformat", "token", "password"}


def as_recorded(call: Recorded) -> Served:
    """The answer that was recorded; the maintenance page came with `Retry-After: 300`."""
    headers = {"Content-Type": call.content_type}
    return Served(call.http_status, headers | ({"Retry-After": "300"} if call.http_status == 503 else {}), call.raw)


def _login_said(tag: str) -> Served:
    return as_recorded(recording(f"login/token.php/{tag}/"))


def _whole(body: Any) -> bytes:
    """The body with a key of our own where the recording's was taken out."""
    return php_json(body).replace(_SECRET.encode(), hashlib.md5(b"a key of our own").hexdigest().encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "nginx/1.22.1", ""
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = dict(parse_qsl(url.query, keep_blank_values=True)) | dict(parse_qsl(body, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.site.served(url.path, form, headers)  # type: ignore[attr-defined]
        self.send_response(answer.status)
        own = f"{urlsplit(self.server.site.url).scheme}://{self.headers['Host']}"  # type: ignore[attr-defined]
        for name, value in answer.headers.items():
            if name not in {"Transfer-Encoding", "Content-Length"}:
                self.send_header(name, value)
        self._write(answer, answer.body.replace(php_json(RECORDED_AT)[1:-1], php_json(own)[1:-1]))

    def _write(self, answer: Served, body: bytes) -> None:
        """Files have a length; everything else comes in chunks, as it did."""
        if answer.status == 304 or "Content-Length" in answer.headers:
            if answer.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), 8192):
            piece = body[start : start + 8192]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def date_time_string(self, timestamp: float | None = None) -> str:
        ahead: float = self.server.site.clock  # type: ignore[attr-defined]
        return super().date_time_string((timestamp or time.time()) + ahead)

    def log_message(self, *_: object) -> None:
        """A test's output is its own."""
