"""API processes of a benchmark's own, as an installation serves them, and what they use."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from studium.settings import Settings

SERVER = """
import sys, uvicorn
from serving.app import create_app
from serving.limits import Limiter
from studium.settings import get_settings
app = create_app(get_settings(), Limiter(factor=100_000))
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
"""
PATIENCE_SECONDS = 180


@dataclass
class Served:
    """One API process."""

    settings: Settings
    port: int
    process: subprocess.Popen[bytes]

    @property
    def megabytes(self) -> float:
        """What of the memory it holds, in MB."""
        return psutil.Process(self.process.pid).memory_info().rss / 1e6

    @property
    def cpu_seconds(self) -> float:
        """What it has computed so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def kill(self) -> None:
        """End it without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def start(settings: Settings, port: int | None = None) -> Served:
    """A process that serves the API, when it is ready; at the port of one that was, if told so."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    environment = {**os.environ, "STUDIUM_HOME": str(settings.home)}
    with open(settings.home / f"api-{port}.log", "ab") as log:  # noqa: PTH123 - a Path all the same
        process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return Served(settings, port, process)
    raise SystemExit("the API did not start")
