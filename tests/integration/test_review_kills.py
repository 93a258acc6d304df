"""A hundred learners review while the API and the database are killed again and again: nothing is lost or doubled."""

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from bench.support.served import Served, start
from studium.database import embedded, migrate
from studium.database.pool import Role, connect
from studium.settings import Settings
from tests.integration import review_world

SEED, LEARNERS, SECONDS, BETWEEN = 7, 100, 40.0, (2.0, 5.0)


class Machine:
    """An API and its database, either of which may end without a word."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.api: Served = start(settings)
        self.kills: list[str] = []

    def kill_api(self) -> None:
        self.api.kill()
        self.api = start(self.settings, self.api.port)
        self.kills.append("API")

    def kill_database(self) -> None:
        pid_file = self.settings.home / "postgres" / "postmaster.pid"
        server = psutil.Process(int(pid_file.read_text().split()[0]))
        # all at once, as when the power goes: a backend that outlives its server would finish its commit
        for process in [server, *server.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                os.kill(process.pid, signal.SIGKILL)
        psutil.wait_procs([server], timeout=20)
        embedded._attach.cache_clear()
        embedded.start(self.settings)
        self.kills.append("database")

    def trouble(self, until: float) -> None:
        chance = random.Random(SEED)
        while time.monotonic() < until - BETWEEN[1]:
            time.sleep(chance.uniform(*BETWEEN))
            (self.kill_api, self.kill_database)[len(self.kills) % 2]()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    settings = Settings(home=tmp_path, _env_file=None)
    migrate.upgrade(settings)
    made = Machine(settings)
    yield made
    made.api.kill()


def in_background(act: Callable[[], None]) -> tuple[threading.Thread, list[BaseException]]:
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            act()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    return thread, failed


@pytest.mark.soak
def test_no_acknowledged_review_is_lost_or_doubled(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    people = review_world.learners(machine.settings, LEARNERS, cards=20)
    until = time.monotonic() + SECONDS
    trouble, failed = in_background(lambda: machine.trouble(until))
    asyncio.run(review_world.review_all(people, f"http://127.0.0.1:{machine.api.port}", SECONDS))
    trouble.join()
    assert not failed, failed
    kept = review_world.check(machine.settings, people)
    tries = sum(one.tries for one in people)
    with capsys.disabled():
        print(f"\n{kept} reviews kept of {tries} tries, over {len(machine.kills)} kills: {', '.join(machine.kills)}")  # noqa: T201
    assert {"API", "database"} <= set(machine.kills)
    assert tries > kept > LEARNERS


def test_the_check_finds_what_is_lost_doubled_or_out_of_order(settings: Settings) -> None:
    """What judges the above is tried itself, on damage that is done on purpose."""
    people = review_world.learners(settings, 1, cards=1)
    [one] = people
    key = "never acknowledged"
    with connect(settings, Role.ADMIN) as connection:
        assert review_world.check(settings, people) == 0
        one.kept[key] = "00000000-0000-0000-0000-000000000000"
        with pytest.raises(AssertionError):
            review_world.check(settings, people)
        del one.kept[key]
        connection.execute("update app.cards set reps = 1 where account_id = %s", [one.account_id])
        connection.commit()
        with pytest.raises(AssertionError, match="counted otherwise"):
            review_world.check(settings, people)
        with contextlib.suppress(psycopg.Error):
            connection.execute("delete from app.accounts where account_id = %s", [one.account_id])
