"""What a sync costs that finds little or nothing new, beside the first: `python bench/sync.py [rounds]`.

Two recorded courses, over HTTP, from the Moodle the tests ask: its answers come at once, where a real one takes some
40 ms for each. So everything is measured twice, the second time with 20 ms put before each answer. What is timed is the
asking, until its snapshot is registered; what follows from a snapshot is the same for every source.

Without latency the bound is kept by the CPU's time, the site's share of it included: a few dozen milliseconds of the
clock are as much the machine's as ours.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from psycopg import Connection
from pydantic import SecretStr
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(2, str(Path(__file__).parents[1] / "tests/integration"))

from moodle_site.edits import OPERATIONS
from moodle_site.faults import Late, Proxy
from moodle_site.recordings import DATA, NotRecorded
from moodle_site.site import TOKENS, Site
from sync_world import SyncWorld, tell_what_was_not_recorded
from ws_help import INTRO_FILES

from bench.support.installation import new_home
from bench.support.report import judged, show, table
from studium.moodle.keys import CourseKey
from studium.moodle.sync import sync_course
from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.settings import Settings

COURSES = {2: "CVS201", 4: "PHA203"}
GLOSSARY = 2
"""The course whose glossary's entries were recorded; the other edits are done in the other course."""
LATENCY = 0.02
ATMOST = 0.1
AGAIN = 3
"""Syncs that find nothing, for each first one."""


NOTHING = {
    "mod_assign_get_grades": {"assignments": [], "warnings": []},
    "mod_assign_get_submissions": {"assignments": [], "warnings": []},
    "mod_forum_get_discussion_posts": {"posts": [], "warnings": []},
    "mod_forum_get_forum_discussions": {"discussions": [], "warnings": []},
    "mod_glossary_get_entries_by_letter": {"count": 0, "entries": [], "warnings": []},
}
"""What the site says where nothing was recorded: else it breaks there, and what is broken is asked for every time."""


@dataclass(frozen=True)
class Cost:
    """What a sync took."""

    calls: int
    bytes: int
    seconds: float
    cpu: float


class Bench:
    """A Moodle, and an installation that asks it with one client."""

    def __init__(self, world: SyncWorld, connection: Connection, client: MoodleClient) -> None:
        self.world, self.connection, self.client = world, connection, client

    def course(self, number: int) -> CourseKey:
        """A course as it is known at the address the client asks."""
        return CourseKey(self.world.course(number).site_id, number)

    def sync(self, number: int) -> tuple[Cost, bool]:
        """Sync once; returns what it took, and whether anything had changed."""
        self.world.now += timedelta(minutes=1)
        course, began, busy = self.course(number), time.perf_counter(), time.process_time()
        done = sync_course(self.world.store, self.connection, self.client, course, at=self.world.now)
        took = time.perf_counter() - began, time.process_time() - busy
        return Cost(done.calls, done.bytes, *took), done.changed

    def forget(self, number: int) -> None:
        """Let the next sync of a course be its first."""
        self.connection.execute("delete from raw.course_syncs where course_id = %s", [number])


@contextmanager
def bench(settings: Settings, latency: float) -> Iterator[Bench]:
    """The site, behind a proxy where it is to be slow."""
    with ExitStack() as stack:
        site = stack.enter_context(Site())
        complete(site)
        world = SyncWorld(settings, site)
        url = stack.enter_context(Proxy(site, lambda *_: Late(latency))).url if latency else site.url
        client = stack.enter_context(MoodleClient(check_address(url, allow_private=True), SecretStr(TOKENS["service"])))
        yield Bench(world, stack.enter_context(world.connect()), client)


def complete(site: Site) -> None:
    """Let the site break nowhere."""
    tell_what_was_not_recorded(site)
    recorded, files = site.recordings.answer, site.files.by_path

    def answer(function: str, account: str, params: Mapping[str, str]) -> object:
        try:
            return recorded(function, account, params)
        except NotRecorded:
            if function not in NOTHING:
                raise
            return NOTHING[function]

    site.recordings.answer = answer
    like = next(file for path, file in files.items() if path.endswith(".docx"))
    for path, name in INTRO_FILES.items():
        files[f"/webservice/pluginfile.php{path}"] = like.replaced((DATA / "files" / name).read_bytes(), at=0)


def median(costs: list[Cost]) -> Cost:
    """One cost out of several of the same."""
    seconds, cpu = (statistics.median(getattr(cost, name) for cost in costs) for name in ("seconds", "cpu"))
    return Cost(costs[0].calls, costs[0].bytes, seconds, cpu)


def measured(here: Bench, number: int, rounds: int) -> tuple[Cost, Cost]:
    """The first sync of a course, and one that finds nothing new."""
    first, again = [], []
    for _ in range(rounds):
        here.forget(number)
        cost, changed = here.sync(number)
        assert changed
        first.append(cost)
        for _ in range(AGAIN):
            cost, changed = here.sync(number)
            assert not changed
            again.append(cost)
    return median(first), median(again)


def rows_of(title: str, of: str, here: Bench, rounds: int) -> tuple[Table, bool]:
    """A table of all syncs, and whether the bound was kept by `of`: seconds, or those of the CPU."""
    made = table(title, "sync", "calls", "bytes", "seconds", "cpu", f"{of} of the first's")
    firsts, kept = {}, True
    for number, name in COURSES.items():
        firsts[number], again = measured(here, number, rounds)
        made.add_row(f"{name}, first", *figures(firsts[number]), "1")
        ratio = getattr(again, of) / getattr(firsts[number], of)
        kept = kept and ratio <= ATMOST
        made.add_row(f"{name}, nothing new", *figures(again), judged(ratio, ".3f", at_most=ATMOST))
    for operation in OPERATIONS:
        number = GLOSSARY if operation == "glossary_entry" else next(n for n in COURSES if n != GLOSSARY)
        here.world.edit(operation, number)
        cost, changed = here.sync(number)
        assert changed, operation
        ratio = getattr(cost, of) / getattr(firsts[number], of)
        made.add_row(f"{COURSES[number]}, {operation}", *figures(cost), f"{ratio:.3f}")
    return made, kept


def figures(cost: Cost) -> tuple[str, ...]:
    """A cost as it is printed."""
    return f"{cost.calls:,}", f"{cost.bytes:,}", f"{cost.seconds:.3f}", f"{cost.cpu:.3f}"


def main(rounds: int) -> None:
    """Print the tables; fail when a bound is missed."""
    settings = new_home()
    kept = []
    for latency in (0.0, LATENCY):
        title = f"Syncs of a Moodle that answers {f'after {latency * 1000:.0f} ms' if latency else 'at once'}"
        with bench(settings, latency) as here:
            made, is_kept = rows_of(title, "seconds" if latency else "cpu", here, rounds)
        show(made)
        kept.append(is_kept)
    if not all(kept):
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
