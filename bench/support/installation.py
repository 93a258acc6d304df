"""An installation of a benchmark's own: thrown away at the end, with the warm runner where one is needed."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from studium import work
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.operations import processes
from studium.operations.requests import submit, wait
from studium.settings import Settings


def new_home() -> Settings:
    """A home whose database is migrated and empty."""
    home = Path(tempfile.mkdtemp(prefix="studium-bench-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # before the server starts: after it has stopped
    settings = Settings(home=home, _env_file=None)
    migrate.upgrade(settings)
    return settings


@contextmanager
def warm_runner(settings: Settings) -> Iterator[None]:
    """The process that takes work requests, as `studium up` starts it, with all loaded and empty marts built."""
    runner = next(process for process in processes.plan(settings) if process.name == "runner")
    with processes.stopped_in_the_end([runner]):
        runner.start()
        processes.wait_for(_answering(settings, work.runner_lives), runner)
        wait(settings, [submit(settings, "warehouse", {})], lambda _: None)
        yield


def _answering(settings: Settings, question: Callable[..., bool]) -> Callable[[], bool]:
    def ask() -> bool:
        with connect(settings, Role.PIPELINE) as connection:
            return question(connection)

    return ask


def new_account(settings: Settings) -> UUID:
    """Somebody without a course."""
    with connect(settings, Role.ADMIN) as connection:
        row = connection.execute(
            "insert into app.accounts (email, display_name) values ('b@bench.test', 'B') returning account_id"
        ).fetchone()
    return UUID(str(row[0]))


def steps_of(settings: Settings, names: list[str]) -> list[float]:
    """Seconds each of these steps of the newest run took."""
    with connect(settings, Role.PIPELINE) as connection:
        rows = connection.execute(
            "select step_key, extract(epoch from max(timestamp) - min(timestamp)) from dagster.event_logs "
            "where run_id = (select run_id from dagster.runs order by id desc limit 1) and "
            "dagster_event_type in ('STEP_START', 'STEP_SUCCESS') group by step_key"
        ).fetchall()
    took = {name: float(seconds) for name, seconds in rows}
    return [took[name] for name in names]
