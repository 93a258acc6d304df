"""Syncs that are killed at random points, from outside and from within: nothing is lost, and nobody sees too much."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fault_world import Disturbed, Seesaw
from moodle_site.faults import Proxy, killed
from moodle_site.site import Site

from studium.moodle.webservice.errors import TransientError
from studium.settings import Settings

pytestmark = pytest.mark.soak
SEED = 20261122
FIRST_SYNCS, LATER_SYNCS = 5, 20
"""Points for each of two courses."""
KILLS = 10
STAGES = ("asking", "loading", "reading")
# One sync as the pipeline makes it, saying when each of its parts begins.
PROCESS = """
import sys
from datetime import datetime
from types import SimpleNamespace
from fault_world import FaultWorld
from studium.settings import Settings

proxy, number, now = SimpleNamespace(url=sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
world = FaultWorld(Settings(_env_file=None), None, now, proxy)
for stage, step in zip(("asking", "loading", "reading"), (world.sync, world.load, world.read)):
    print(stage, flush=True)
    step(number)
print("done", flush=True)
"""


@pytest.fixture(scope="module", params=[4, 2])
def course(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Disturbed]:
    """A course nobody has synced yet, and what becomes of it where no sync ever fails."""
    with Site() as site, Proxy(site) as proxy:
        seesaw = Seesaw(site, request.param)
        peaceful = Disturbed(settings, proxy, seesaw, tmp_path_factory.mktemp("peaceful"))
        peaceful.settle()
        made = Disturbed(settings, proxy, seesaw, tmp_path_factory.mktemp("killed"))
        made.first, made.expected = peaceful.first, peaceful.expected
        yield made


def test_a_proxy_kills_syncs_at_random_points(course: Disturbed, capsys: pytest.CaptureFixture[str]) -> None:
    dice, points = random.Random(SEED + course.number), []

    def kill(what: str, calls: int) -> None:
        number, share = dice.randint(1, calls), dice.random()
        error = course.attempt(killed(number, share))
        assert isinstance(error, TransientError)
        points.append(f"{course.number}  {what:5}  {number:3} of {calls:3}  {share:4.0%}  {error}")

    with course.witness.watching(course.watched):
        for _ in range(FIRST_SYNCS):
            kill("first", course.first.calls)
            assert not any(rows for name, rows in course.world.tables(course.number).items() if name != "newest")
        course.witness.allowed = course.first.may_see
        course.bring()
        course.must_be(course.first)
        for _ in range(LATER_SYNCS):
            course.turn()
            kill("later", course.now.calls)
            course.recover()
    show(capsys, f"course, sync, request, share of its answer, end ({course.witness.looks} looks)", points)
    assert len(set(points)) == FIRST_SYNCS + LATER_SYNCS


def test_the_syncing_process_is_killed_at_random_moments(course: Disturbed, capsys: pytest.CaptureFixture[str]) -> None:
    dice, points = random.Random(SEED), []
    course.bring()
    course.witness.allowed = course.now.may_see
    with course.witness.watching(course.watched):
        for number in range(KILLS):
            stage, seconds = STAGES[(number + 1) % 3], dice.random() * 0.6
            course.turn()
            points.append(f"{course.number}  {stage:8}  {seconds:.2f} s  {sync_and_kill(course, stage, seconds)}")
            course.witness.look()
            course.recover()
    show(capsys, "course, SIGKILL while, after, at work still", points)
    assert sum(point.endswith("True") for point in points) >= KILLS / 2, "kills came too late to interrupt anything"


def show(capsys: pytest.CaptureFixture[str], heading: str, points: list[str]) -> None:
    """Print the table of points."""
    with capsys.disabled():
        sys.stdout.write("\n".join(["", heading, *points, ""]))


def sync_and_kill(course: Disturbed, stage: str, seconds: float) -> bool:
    """Kill a syncing process `seconds` into one of its parts; whether it was still at work."""
    settings, world = course.world.settings, course.world
    assert settings.database_url
    environment = {
        **os.environ,
        "STUDIUM_HOME": str(settings.home),
        "STUDIUM_DATABASE_URL": settings.database_url.get_secret_value(),
        "PYTHONPATH": os.pathsep.join(str(Path(__file__).parents[up]) for up in (0, 1, 2)),
    }
    argv = [sys.executable, "-c", PROCESS, world.url, str(course.number), world.now.isoformat()]
    world.now += timedelta(minutes=1)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        while process.stdout.readline() not in (f"{stage}\n", ""):
            pass
        time.sleep(seconds)
        process.kill()
        return "done" not in process.stdout.read()
