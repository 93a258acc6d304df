"""How much of a machine the embedded server may use. PostgreSQL's own defaults are for a machine of 1 GB or less."""

import sys
from pathlib import Path

import psutil

FILE = "studium.conf"
INCLUDE = f"include_if_exists = '{FILE}'"
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
MEBIBYTE = 2**20


def memory_bytes() -> int:
    """What this machine, or the container on it, may use."""
    told = [path.read_text().strip() for path in LIMITS if path.is_file()]
    return min([psutil.virtual_memory().total, *(int(limit) for limit in told if limit.isdecimal())])


def settings_for(memory: int) -> dict[str, str]:
    """The server's settings for so much memory.

    - `shared_buffers` an eighth: the models and the pages live on the same machine, and what falls out of the buffers
      is still in the system's cache. More than 2 GB holds more than any course's vectors.
    - `effective_cache_size` half: what the planner may expect to be cached somewhere.
    - `maintenance_work_mem` a thirty-second: an HNSW index that outgrows it is built many times slower.
    - Parallel workers share memory through files of /dev/shm by default, of which a container has 64 MB: a query
      then fails. System V memory has no such bound, and the server cannot start without it anyway. On macOS it is
      System V that is small.
    """
    chosen = {
        "shared_buffers": _between(32, memory // 8, 2048),
        "effective_cache_size": _between(128, memory // 2, 65536),
        "maintenance_work_mem": _between(64, memory // 32, 512),
    }
    return chosen | ({"dynamic_shared_memory_type": "sysv"} if sys.platform == "linux" else {})


def _between(least: int, wanted: int, most: int) -> str:
    return f"{min(most, max(least, wanted // MEBIBYTE))}MB"


def write(data: Path, settings: dict[str, str]) -> None:
    """Put the settings beside the server's own, which the next start reads."""
    own = data / "postgresql.conf"
    if INCLUDE not in own.read_text():
        with own.open("a") as file:
            file.write(f"\n# Studium's own settings, written at each start; what stands below wins.\n{INCLUDE}\n")
    fresh = data / f"{FILE}.new"
    fresh.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    fresh.chmod(0o644)  # read by the server's own user, when root started it
    fresh.replace(data / FILE)
