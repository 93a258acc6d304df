"""Work asked for at the command line: submitted like any other, then watched to its end."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from studium import work
from studium.database.pool import Role, connect
from studium.operations.processes import environment
from studium.settings import Settings

Listener = Callable[[work.Request], None]


class WorkFailedError(Exception):
    """The pipeline could not do what was asked; the message is its own."""


def submit(settings: Settings, kind: work.Kind, payload: dict[str, Any]) -> UUID:
    """Ask for work in a transaction of its own."""
    with connect(settings, Role.PIPELINE) as connection:
        return work.submit(connection, kind, payload)


def wait(settings: Settings, request_ids: Sequence[UUID], listener: Listener) -> None:
    """Return when every request is done, telling `listener` of each change.

    A warm runner takes the requests when one lives; otherwise a process is started that does what waits and ends. Where
    a runner dies at work, its successor is waited for, or one is started again.

    Raises:
        WorkFailedError: one of them failed; the others have been waited for.
    """
    drains: list[subprocess.Popen[bytes]] = []
    errors, waiting = [], list(request_ids)
    try:
        while waiting:
            with connect(settings, Role.PIPELINE) as connection:
                busy = any(drain.poll() is None for drain in drains) or work.runner_lives(connection)
                idle = not busy and work.waits(connection)
                states = [work.read(connection, request_id) for request_id in waiting]
            for state in filter(None, states):
                listener(state)
                if state.status in ("done", "failed"):
                    waiting.remove(state.request_id)
                    errors += [state.error] if state.error else []
            if idle and waiting:
                if len(drains) > work.MAX_ATTEMPTS:
                    log = settings.home / "logs" / "runner.log"
                    raise WorkFailedError(f"The pipeline ended early; its log is {log}")
                drains.append(_drain(settings))
            time.sleep(0.3)
    finally:
        for drain in drains:
            if waiting:
                drain.terminate()
            drain.wait()
    if errors:
        raise WorkFailedError("\n".join(errors))


def _drain(settings: Settings) -> subprocess.Popen[bytes]:
    log = settings.home / "logs" / "runner.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "pipelines.runner", "--drain"], stdout=out, stderr=out, env=environment(settings)
        )
