"""SIGKILL while documents are embedded and stored: each is whole or absent, and a rerun completes the rest."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from content_world import NUMBER, SITE, World, open_world

from studium.content.intake import sync_course
from studium.moodle.keys import CourseKey
from studium.settings import Settings

DOCUMENTS = 5
WORDS = ["xylem", "phloem", "water", "sugar", "leaf", "root", "stomata", "light", "enzyme", "carbon", "cycle", "wall"]
# What a pipeline process does, saying when it begins to embed.
PROCESS = """
import sys
from content_world import World
from studium.content import ingest
from studium.settings import Settings

embed = ingest.embed_named
def told(*given):
    print("embedding", flush=True)
    return embed(*given)
ingest.embed_named = told
ingest.BATCH_PASSAGES = 12
World(Settings(_env_file=None)).ingest()
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def world(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(open_world(settings, tmp_path_factory.mktemp("kill")))


def rewrite(world: World, rng: random.Random, version: int) -> None:
    """A new version of every document, registered and not read yet."""
    for number in range(DOCUMENTS):
        paragraphs = "".join(f"<p>{' '.join(rng.choices(WORDS, k=120))}.</p>" for _ in range(12))
        world.put_material(f"page:{number}", f"<h2>Version {version}</h2>{paragraphs}".encode())
    with world.connect() as connection:
        sync_course(connection, CourseKey(SITE, NUMBER))


def start(world: World) -> subprocess.Popen[str]:
    assert world.settings.database_url is not None
    environment = {
        **os.environ,
        "STUDIUM_HOME": str(world.settings.home),
        "STUDIUM_DATABASE_URL": world.settings.database_url.get_secret_value(),
        "PYTHONPATH": os.pathsep.join(str(Path(__file__).parents[up]) for up in (1, 2)),
    }
    return subprocess.Popen([sys.executable, "-c", PROCESS], stdout=subprocess.PIPE, text=True, env=environment)


def kill(process: subprocess.Popen[str], embeddings: int, seconds: float) -> bool:
    """Kill the process `seconds` after it began to embed for the nth time; whether it was still at work."""
    assert process.stdout is not None
    for _ in range(embeddings):
        if process.stdout.readline() != "embedding\n":
            break
    time.sleep(seconds)
    readers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    _gone, alive = psutil.wait_procs(readers, timeout=5)
    assert not alive, "the reader outlived the process it read for"
    output = process.stdout.read()
    process.stdout.close()
    return "done" not in output


def state(world: World) -> dict[str, int]:
    return dict(world.rows("select status, count(*) from content.documents group by status"))


def kill_and_rerun(world: World, seed: int, rounds: int) -> None:
    rng = random.Random(seed)
    interrupted = 0
    for version in range(rounds):
        rewrite(world, rng, version)
        interrupted += kill(start(world), rng.randint(1, 4), rng.random() * 0.6)
        assert world.problems() == []
        assert world.rows(MIXED) == []
    assert interrupted >= rounds * 0.8, "kills came too late to interrupt anything"
    left = state(world).get("processing", 0)
    assert left > 0
    report = world.ingest()
    assert report.ready == left
    assert state(world) == {"ready": DOCUMENTS}
    assert world.problems() == []
    assert world.rows("select distinct heading from content.chunks") == [(f"Version {rounds - 1}",)]


MIXED = """
select document_id from content.chunks group by document_id
having count(distinct heading) > 1 or count(distinct run_id) > 1
"""


def test_killed_once_while_embedding(world: World) -> None:
    kill_and_rerun(world, seed=1, rounds=1)


@pytest.mark.soak
def test_killed_ten_times_at_any_moment(world: World) -> None:
    kill_and_rerun(world, seed=20261122, rounds=10)
