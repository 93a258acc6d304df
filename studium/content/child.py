"""The process files are read in: `python -m studium.content.child`, one JSON line in, one out, until its input ends.

It limits itself before it reads anything and does no more than `parse`: no network, no new files outside the folder it
was given, no program but tesseract. Started and watched by `sandbox`.
"""

import contextlib
import json
import os
import resource
import shutil
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from studium.content.records import Limits, Reason, UnreadableError

MESSAGES = {
    Reason.MEMORY: "Reading the file needs more memory than one file may have.",
    Reason.TIMEOUT: "Reading the file took too long.",
    Reason.BROKEN: "The file is damaged: its reader gave up on it.",
}
REFUSED_EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.bind", "os.exec", "os.posix_spawn", "os.system")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class Guard:
    """An audit hook, which cannot be taken back: what a reader, or a file that got hold of one, may not do."""

    def __init__(self, folder: Path) -> None:
        self._folder = f"{folder.resolve()}{os.sep}"
        self.armed = False
        sys.addaudithook(self._judge)

    def _judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        if event in REFUSED_EVENTS:
            raise PermissionError(f"{event} is not for readers")
        if event == "subprocess.Popen" and Path(os.fsdecode(arguments[0])).name != "tesseract":
            raise PermissionError(f"{arguments[0]} is not for readers")
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            self._judge_path(arguments[0])

    def _judge_path(self, path: Any) -> None:
        if isinstance(path, int) or path == os.devnull:
            return
        # with O_TMPFILE the folder itself is what is opened
        if not f"{os.path.realpath(os.fsdecode(path))}{os.sep}".startswith(self._folder):
            raise PermissionError(f"{path!r} is outside the folder of this file")


def main() -> None:
    """Answer requests until the one who asks is gone."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever libraries print must not look like an answer
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    guard = Guard(Path.cwd())
    for line in sys.stdin.buffer:
        request = json.loads(line)
        limits = Limits(**request["limits"])
        _limit(limits)
        _forget_peak()
        guard.armed = True
        answer = _answer(request, limits)
        guard.armed = False
        answer["peak_bytes"] = peak_bytes()
        _send(answers, answer)
        if answer.get("reason") == Reason.MEMORY:
            return  # what is left of the heap is in no state to read another
    shutil.rmtree(Path.cwd(), ignore_errors=True)  # whoever would have done it was killed


def _answer(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    from studium.content.parse import parse

    try:
        data = Path(request["path"]).read_bytes()
        return {"parsed": asdict(parse(data, request["filename"], request["media_type"], limits))}
    except UnreadableError as error:
        return {"reason": error.reason, "sentence": error.sentence}
    except MemoryError:
        return {"reason": Reason.MEMORY, "sentence": MESSAGES[Reason.MEMORY]}
    except ModuleNotFoundError:
        raise  # an installation that lacks a part is no fault of the file
    except Exception as error:  # every library breaks in its own way on a broken file
        return {"reason": Reason.BROKEN, "sentence": MESSAGES[Reason.BROKEN], "cause": repr(error)[:500]}


def _send(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _limit(limits: Limits) -> None:
    """Bound this process for the next file. macOS does not know all of these; the parent watches there."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    """The most memory this process held since the last file, as far as the system says."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    shutil.rmtree(Path.cwd(), ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()
