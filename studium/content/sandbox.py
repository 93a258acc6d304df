"""Reading files at arm's length: a limited child process takes each one, and is replaced when one was too much for it.

The child stays warm between files (importing the readers takes seconds). What it does belongs to `child`.
"""

import atexit
import json
import logging
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Self

import psutil

from studium.content.child import MESSAGES
from studium.content.records import Element, Limits, Parsed, Reason, UnreadableError

FILES_PER_CHILD = 200
LARGEST_ANSWER = 256 * 1024**2
WATCH_SECONDS = 0.1
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
QUIET = {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "1",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "HF_HUB_OFFLINE": "1",
    # threads reserve address space by the dozen of megabytes, and one file is one core's work
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
_log = logging.getLogger(__name__)


class Sandbox:
    """Reads one file at a time; safe to share between threads, which wait for each other."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.peak_bytes = 0
        """The most memory the child held while reading the last file."""
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Parsed:
        """Read one file; `UnreadableError` with its reason when it gives no text."""
        with self._lock:
            was_warm = self._files > 0
            answer = self._read(data, filename, media_type)
            if was_warm and answer.get("died"):  # of what came before, perhaps: each file gets a fresh start
                answer = self._read(data, filename, media_type)
            self.peak_bytes = answer.get("peak_bytes", self.peak_bytes)
        if "parsed" in answer:
            read = answer["parsed"]
            return Parsed(**{**read, "elements": [Element(**element) for element in read["elements"]]})
        if "cause" in answer:
            _log.info("%s could not be read: %s", filename, answer["cause"])
        raise UnreadableError(Reason(answer["reason"]), answer["sentence"])

    def _read(self, data: bytes, filename: str, media_type: str | None) -> dict[str, Any]:
        if self._files >= FILES_PER_CHILD:
            self._stop()
        child, folder = self._start()
        self._files += 1
        path = folder / "input"
        try:
            path.write_bytes(data)
            return self._ask(child, {"path": str(path), "filename": filename, "media_type": media_type})
        finally:
            _empty(folder)

    def close(self) -> None:
        """Stop the child; the next file starts another."""
        with self._lock:
            self._stop()

    def _start(self) -> tuple[subprocess.Popen[bytes], Path]:
        if self._child is None or self._folder is None or self._child.poll() is not None:
            self._stop()
            self._folder = Path(tempfile.mkdtemp(prefix="studium-read-"))
            self._child = subprocess.Popen(
                [sys.executable, "-m", "studium.content.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder,
                env=_environment(self._folder),
                start_new_session=True,
            )
        return self._child, self._folder

    def _ask(self, child: subprocess.Popen[bytes], request: dict[str, Any]) -> dict[str, Any]:
        assert child.stdin is not None  # noqa: S101 - Popen was given pipes
        with suppress(BrokenPipeError):
            child.stdin.write(json.dumps({**request, "limits": asdict(self.limits)}).encode() + b"\n")
            child.stdin.flush()
        line, reason = self._wait(child)
        if reason is None and line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._stop()
        died = reason is None and child.returncode != -signal.SIGXCPU
        reason = reason or _reason_of_death(child.returncode)
        cause = f"its reader ended with {child.returncode}"
        return {"reason": reason, "sentence": MESSAGES[reason], "cause": cause, "died": died}

    def _wait(self, child: subprocess.Popen[bytes]) -> tuple[bytes, Reason | None]:
        """The child's answer, or why it was not waited for."""
        assert child.stdout is not None  # noqa: S101 - Popen was given pipes
        deadline = time.monotonic() + self.limits.wall_seconds
        received = bytearray()
        self.peak_bytes = 0
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                if time.monotonic() > deadline:
                    return b"", Reason.TIMEOUT
                if selector.select(WATCH_SECONDS):
                    piece = os.read(child.stdout.fileno(), 1 << 20)
                    if not piece:
                        break
                    received += piece
                else:
                    self.peak_bytes = max(self.peak_bytes, _memory(child.pid))
                if self.peak_bytes > self.limits.memory_bytes or len(received) > LARGEST_ANSWER:
                    return b"", Reason.MEMORY
        return bytes(received), None

    def _stop(self) -> None:
        child, folder, self._child, self._folder, self._files = self._child, self._folder, None, None, 0
        if child is not None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    pipe.close() if pipe is not None else None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _empty(folder: Path) -> None:
    for left in folder.iterdir() if folder.exists() else ():
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _memory(pid: int) -> int:
    """Bytes the child and the programs it started hold."""
    with suppress(psutil.Error):
        child = psutil.Process(pid)
        return int(sum(process.memory_info().rss for process in [child, *child.children(recursive=True)]))
    return 0


def _reason_of_death(code: int) -> Reason:
    if code == -signal.SIGXCPU:
        return Reason.TIMEOUT
    if code == -signal.SIGKILL:  # not ours: the system takes memory back that way
        return Reason.MEMORY
    if code > 0:
        raise RuntimeError(f"the reading process ended with code {code}: the installation lacks a part of it")
    return Reason.BROKEN


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    here = str(Path(__file__).parents[2])
    return {**kept, **QUIET, "PYTHONPATH": here, "HOME": str(folder), "TMPDIR": str(folder)}


@cache
def warm_sandbox() -> Sandbox:
    """The process's own, kept warm until it ends."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox
