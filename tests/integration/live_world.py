"""Three courses with one learner each, and the API served by real processes that share their database."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
from invented_site import SITE, Site
from websockets.sync.client import ClientConnection, connect

from studium import live
from studium.accounts.secrets import open_keys
from studium.accounts.sessions import open_session
from studium.accounts.tokens import start_family
from studium.client import SESSION_COOKIE
from studium.database import migrate, pool
from studium.database.pool import Role, acting_as
from studium.settings import Settings
from studium.wire.live import LiveKind

SERVER = """
import sys, uvicorn
from serving.app import create_app
from serving.limits import Limiter
from studium.settings import get_settings
app = create_app(get_settings(), Limiter(factor=int(sys.argv[2])))
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
"""
COURSES = {name: f"{SITE}:{number}" for number, name in enumerate(("one", "two", "three"), start=1)}


@dataclass
class LiveWorld:
    """An installation, and who learns what: `one` is in course one alone, and so on; `root` is an admin."""

    settings: Settings
    accounts: dict[str, UUID]

    def publish(self, name: str, kind: LiveKind = "sync:progress", **payload: Any) -> int:
        with pool.connect(self.settings, Role.PIPELINE) as connection:
            return live.publish(connection, COURSES[name], kind, payload)

    def session(self, name: str) -> str:
        account_id = self.accounts[name]
        with pool.connect(self.settings, Role.API) as connection, acting_as(connection, account_id):
            return open_session(connection, account_id, None, datetime.now(UTC))

    def token(self, name: str) -> str:
        account_id = self.accounts[name]
        with pool.connect(self.settings, Role.API) as connection, acting_as(connection, account_id):
            return start_family(connection, open_keys(self.settings), account_id, datetime.now(UTC)).access_token


def build_live_world(settings: Settings) -> LiveWorld:
    """Migrate and fill."""
    migrate.upgrade(settings)
    with pool.connect(settings, Role.ADMIN) as connection:
        connection.execute(
            "insert into raw.sites (site_id, wwwroot, timezone) values (%s, 'http://x.test', 'UTC')", [SITE]
        )
        site = Site(connection)
        for number in (2, 3):
            site.add_course(number)
        accounts = {name: site.add_person(course_id=number) for number, name in enumerate(COURSES, start=1)}
        accounts["root"] = site.add_account(is_admin=True)
    return LiveWorld(settings, accounts)


@dataclass
class Api:
    """One process that serves the API."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self, query: str = "", *, cookie: str | None = None, **options: Any) -> ClientConnection:
        """A socket, as a browser with a session opens it, or as a program with headers of its own."""
        headers = options.pop("additional_headers", {})
        if cookie:
            headers |= {"Cookie": f"{SESSION_COOKIE}={cookie}"}
            options.setdefault("origin", self.origin)
        address = f"ws://127.0.0.1:{self.port}/api/v1/live{query}"
        return connect(address, additional_headers=headers, **options)


@contextmanager
def serving(settings: Settings, factor: int = 10_000) -> Iterator[Api]:
    """A process that serves the API until the block ends, with limits so many times as high."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "STUDIUM_HOME": str(settings.home)}
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(factor)], env=environment)
    try:
        _wait(process, port)
        yield Api(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        finally:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert process.poll() is None, "the API stopped"
        try:
            httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5)
        except httpx2.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the API did not start")


def heard(socket: ClientConnection, timeout: float = 10) -> dict[str, Any]:
    """The next message that is no heartbeat."""
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout))
        if message["kind"] != "heartbeat":
            return message


def nothing_more(socket: ClientConnection, seconds: float = 0.7) -> bool:
    """Whether nothing is told for a while."""
    try:
        message = socket.recv(seconds)
    except TimeoutError:
        return True
    raise AssertionError(message)
