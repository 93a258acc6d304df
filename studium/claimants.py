"""Names of processes that can be checked: whether the one that took a request is provably dead.

Only a process of this very machine (this boot, this process namespace) can be known to be dead; of any other nothing is
said, and its claim has to run out.
"""

import os
import socket
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil


@cache
def _machine() -> str:
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    # containers may share a name and a boot: without their namespace nothing could be proved
    return " ".join(parts) if len(parts) > 2 or sys.platform != "linux" else ""  # noqa: PLR2004


def this_process() -> str | None:
    """The name of the process that asks; `None` where it could not be told from another machine's."""
    return _name(os.getpid()) if _machine() else None


def is_dead(name: str) -> bool:
    """Whether a process so named has certainly ended. A process id used again is not the same process."""
    machine, _, rest = name.rpartition("#")
    pid = rest.partition("@")[0]
    return bool(machine) and machine == _machine() and _name(int(pid)) != name


def _name(pid: int) -> str | None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return f"{_machine()}#{pid}@{process.create_time()}"
    return None
