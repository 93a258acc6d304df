"""A demo that is being served: where it is, who may sign in, and waiting for it."""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

PATIENCE_SECONDS = 540
ROLES = {"editingteacher": "instructor"}


@dataclass(frozen=True)
class Installation:
    """Where the site is, and who may sign in: e-mail and password by role."""

    url: str
    accounts: dict[str, tuple[str, str]]

    def __repr__(self) -> str:
        return f"Installation({self.url})"


def described(home: Path, port: int) -> Installation:
    """The installation in `home`, by the accounts its demo made."""
    rows = json.loads((home / "demo-accounts.json").read_text())
    return Installation(
        f"http://127.0.0.1:{port}",
        {ROLES.get(row["role"], row["role"]): (row["email"], row["password"]) for row in rows},
    )


def wait_until(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    """Return when what a process starts is ready."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"it stopped:\n{log.read_text()}"
        if is_ready():
            return
        time.sleep(0.5)
    raise AssertionError(f"not ready in {PATIENCE_SECONDS} s:\n{log.read_text()}")


def answers(port: int) -> bool:
    """Whether the site says it is ready."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/ready", timeout=5).is_success
    except httpx2.TransportError:
        return False


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
