"""A proxy before the site that breaks chosen answers: which ones is decided by their number, so that a run repeats.

It takes one request per connection to the site, holds the whole answer, and hands on what the fault leaves of it.
"""

import http.client
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Literal, Self, TypeAlias
from urllib.parse import parse_qs

from moodle_site.recordings import recording
from moodle_site.site import Server, Site, as_recorded

_SITE_INFO = "core_webservice_get_site_info/service/"


@dataclass(frozen=True)
class Late:
    """The answer comes whole, after `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Reset:
    """The connection is reset after byte `at` of the answer; a fraction is that share of it."""

    at: int | float = 0


@dataclass(frozen=True)
class Truncated:
    """The connection is closed in good order after byte `at` of the answer."""

    at: int = 100


@dataclass(frozen=True)
class Said:
    """Another answer instead of the site's."""

    status: int = 500
    body: bytes = b"<html><body>Internal Server Error</body></html>"
    content_type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()


Fault: TypeAlias = Late | Reset | Truncated | Said
Schedule: TypeAlias = Callable[[int, str], Fault | None]
"""The fault for the nth request (from 1), which is for this function or path."""


def refused_with(tag: str) -> Said:
    """A recorded refusal of site_info, by its tag: `ERR_invalid_token`, `ERR_maintenance_cli`, ..."""
    answer = as_recorded(recording(_SITE_INFO + tag))
    headers = tuple((name, value) for name, value in answer.headers.items() if name != "Content-Type")
    return Said(answer.status, answer.body, answer.headers["Content-Type"], headers)


def too_many(seconds: int | str) -> Said:
    """HTTP 429, with the wait that is asked for. Not recorded: Moodle has no such limit, what stands before it may."""
    return Said(429, b"", "text/plain", (("Retry-After", str(seconds)),))


def redirect(to: str) -> Said:
    """HTTP 302 to another place."""
    return Said(302, b"", "text/html", (("Location", to),))


def every_kind() -> dict[str, Fault]:
    """One fault of each kind."""
    return {
        "late": Late(0.05),
        "reset before a byte": Reset(0),
        "reset in the headers": Reset(40),
        "reset in the body": Reset(400),
        "cut in the headers": Truncated(60),
        "cut in the body": Truncated(400),
        "500": Said(500),
        "502": Said(502),
        "maintenance page": refused_with("ERR_maintenance_cli"),
        "maintenance, said with 200": refused_with("ERR_maintenance_ui"),
        "429": too_many(0),
    }


def at(faults: dict[int, Fault]) -> Schedule:
    """Faults for the requests with these numbers."""
    return lambda number, _: faults.get(number)


def from_then_on(first: int, fault: Fault, function: str | None = None) -> Schedule:
    """The same fault for every request from the nth, or for those of one function."""
    return lambda number, asked: fault if number >= first and function in {None, asked} else None


def killed(number: int, share: float) -> Schedule:
    """The answer to the nth request breaks off, and every connection after it."""
    return lambda count, _: None if count < number else Reset(share if count == number else 0)


def scattered(seed: int, share: float, faults: Iterable[Fault]) -> Schedule:
    """Faults at a share of the requests, the same for the same seed."""
    kinds = list(faults)

    def choose(number: int, _: str) -> Fault | None:
        dice = random.Random(f"{seed}/{number}")
        return dice.choice(kinds) if dice.random() < share else None

    return choose


class Proxy:
    """A port before the site; `schedule` may be set anew between syncs, which counts from 1 again."""

    def __init__(self, site: Site, schedule: Schedule = lambda *_: None) -> None:
        self.site = site
        self.broken: list[tuple[int, str, Fault]] = []
        self._lock = threading.Lock()
        self.follow(schedule)
        self._server = Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address that the client is given."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def follow(self, schedule: Schedule) -> None:
        """Break answers by this schedule from here on."""
        with self._lock:
            self._schedule, self.count = schedule, 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert not self._server.failures, f"the proxy itself failed: {self._server.failures}"

    def fault_for(self, asked: str) -> Fault | None:
        """What happens to the next request."""
        with self._lock:
            self.count += 1
            fault = self._schedule(self.count, asked)
            if fault is not None:
                self.broken.append((self.count, asked, fault))
            return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._hand_on()

    def do_POST(self) -> None:
        self._hand_on()

    def _hand_on(self) -> None:
        proxy: Proxy = self.server.proxy  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = self.path.partition("?")[0]
        fault = proxy.fault_for(parse_qs(body.decode()).get("wsfunction", [path])[0])
        if isinstance(fault, Said):
            length = ("Content-Length", str(len(fault.body)))
            headers = [("Content-Type", fault.content_type), length, *fault.headers]
            self.wfile.write(_message(fault.status, headers, fault.body))
            return
        if isinstance(fault, Late):
            time.sleep(fault.seconds)
        whole = self._ask(proxy.site.port, body)
        if isinstance(fault, Reset | Truncated):
            cut = int(len(whole) * fault.at) if isinstance(fault.at, float) else fault.at
            self._cut(whole[:cut], "reset" if isinstance(fault, Reset) else "close")
        else:
            self.wfile.write(whole)

    def _ask(self, port: int, body: bytes) -> bytes:
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            site.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = site.getresponse()
            data = answer.read()
            if answer.status == 304:
                return _message(304, answer.getheaders(), b"")
            headers = [(k, v) for k, v in answer.getheaders() if k not in {"Transfer-Encoding", "Content-Length"}]
            return _message(answer.status, [*headers, ("Content-Length", str(len(data)))], data)
        finally:
            site.close()

    def _cut(self, part: bytes, how: Literal["reset", "close"]) -> None:
        self.close_connection = True
        self.wfile.write(part)
        self.wfile.flush()
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.connection.shutdown(socket.SHUT_WR)
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """A test's output is its own."""


def _message(status: int, headers: list[tuple[str, str]], body: bytes) -> bytes:
    head = [f"HTTP/1.1 {status} {http.client.responses[status]}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body
