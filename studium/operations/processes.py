"""The processes of one machine: started together, watched, stopped together. What they do is their rooms' business."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from studium.operations.dagster_home import prepare
from studium.settings import Settings

PATIENCE_SECONDS = 10
RESTARTS = 3
PORT_SECONDS = 8
"""The children of an installation that was killed need a moment to let go of its ports."""
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Ask the kernel to end this child when its parent is killed, so that the next start finds the ports free."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class CannotStartError(Exception):
    """A process cannot start here; the message says why and what to do."""


@dataclass
class Process:
    """One child, its log, and how often it had to be started again."""

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str]
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    starts: int = 0

    def start(self) -> None:
        """Start the child in a process group of its own, so that all of it can be stopped."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads yet
            )
        self.starts += 1

    @property
    def running(self) -> bool:
        """Whether the child lives."""
        return self.child is not None and self.child.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the child and everything it started."""
        if self.child is not None:
            try:
                os.killpg(self.child.pid, number)
            except ProcessLookupError:
                return

    def stop(self) -> None:
        """Ask the group to end, and end it when it does not."""
        if self.child is None:
            return
        self.signal_group(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.child.wait(PATIENCE_SECONDS)
        self.signal_group(signal.SIGKILL)
        self.child.wait()


def environment(settings: Settings) -> dict[str, str]:
    """What every child inherits: this process's variables, the same home, and Dagster's."""
    return {**os.environ, "STUDIUM_HOME": str(settings.home), "PYTHONUNBUFFERED": "1", **prepare(settings)}


def plan(settings: Settings) -> list[Process]:
    """The processes of an installation on one machine."""
    logs, variables = settings.home / "logs", environment(settings)
    python = [sys.executable, "-m"]
    site = [*python, "uvicorn", "dashboards.site:app", "--host", settings.host, "--port", str(settings.port)]
    dagster = [*python, "dagster", "dev", "-m", "pipelines.definitions", "-h", "127.0.0.1"]
    return [
        Process("site", [*site, "--no-server-header", "--no-access-log"], logs / "site.log", variables),
        Process("runner", [*python, "pipelines.runner"], logs / "runner.log", variables),
        Process("dagster", [*dagster, "-p", str(settings.dagster_port)], logs / "dagster.log", variables),
    ]


def require_free_ports(settings: Settings) -> None:
    """Raise `CannotStartError` when somebody else listens where Studium would."""
    for host, port, variable in [
        (settings.host, settings.port, "STUDIUM_PORT"),
        ("127.0.0.1", settings.dagster_port, "STUDIUM_DAGSTER_PORT"),
    ]:
        deadline = time.monotonic() + PORT_SECONDS
        while (error := _refusal(host, port)) is not None:
            if time.monotonic() > deadline:
                raise CannotStartError(
                    f"{host}:{port} cannot be used ({error.strerror}). Is Studium running already? "
                    f"Another port is set by {variable}."
                ) from error
            time.sleep(0.2)


def _refusal(host: str, port: int) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


@contextmanager
def stopped_in_the_end(processes: list[Process]) -> Iterator[None]:
    """Stop the processes when the block ends, all at the same time."""
    try:
        yield
    finally:
        for process in processes:
            process.signal_group(signal.SIGTERM)
        for process in processes:
            process.stop()


def watch(processes: list[Process]) -> NoReturn:
    """Return never: start again what died, and raise `CannotStartError` for what will not live."""
    while True:
        for process in processes:
            if process.running:
                continue
            if process.starts > RESTARTS:
                raise CannotStartError(f"{process.name} stopped {process.starts} times; its log is {process.log}")
            process.start()
        time.sleep(1)


def wait_for(ready: Callable[[], bool], process: Process, seconds: float = 120) -> None:
    """Return when `ready()` holds; raise `CannotStartError` when the process died or took too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.running:
            raise CannotStartError(f"{process.name} stopped at once; its log is {process.log}")
        if ready():
            return
        time.sleep(0.2)
    raise CannotStartError(f"{process.name} was not ready after {seconds:.0f} s; its log is {process.log}")


def site_answers(settings: Settings) -> bool:
    """Whether the site says it is ready."""
    import httpx2

    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - a comparison
    try:
        return httpx2.get(f"http://{host}:{settings.port}/ready", timeout=5).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
