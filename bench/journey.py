"""The sample course and people's files through a running installation: `python bench/journey.py [uploads]`.

As `studium up` does it: work requests, the warm runner, Dagster runs, dbt. Another course goes first and is not
measured, so that the libraries a first run loads do not count as its work.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.installation import new_account, new_home, warm_runner
from bench.support.prose import Prose
from bench.support.report import judged, show, table
from studium.content.embed import Embedder, open_embedder
from studium.content.intake import register_upload
from studium.database.pool import Role, acting_as, connect
from studium.operations.demo import COURSE, SAMPLE, ZONE
from studium.operations.imports import import_backup, import_files, import_logs
from studium.operations.requests import submit, wait
from studium.settings import Settings
from studium.storage import open_store
from studium.tutor.extractive import answer

OTHER = Path(__file__).parents[1] / "tests/data/moodle/backup-moodle2-course-4-pha203-20261122-0136.mbz"
PAGES = 50
LARGEST_SHARE, LONGEST_SECONDS = 0.05, 20.0
QUIET = Console(quiet=True)


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def imported(settings: Settings) -> dict[str, float]:
    """Seconds of each part of the sample course, asked for and waited for."""
    return {
        "backup": seconds(lambda: import_backup(settings, QUIET, next(SAMPLE.glob("*.mbz")))),
        "log report": seconds(lambda: import_logs(settings, QUIET, next(SAMPLE.glob("*.csv.gz")), COURSE, ZONE)),
        "log dump": seconds(lambda: import_logs(settings, QUIET, next(SAMPLE.glob("*.parquet")), COURSE, ZONE)),
        "files": seconds(lambda: import_files(settings, QUIET, SAMPLE / "files", COURSE)),
    }


def twice(settings: Settings) -> Table:
    first, second = imported(settings), imported(settings)
    made = table(f"{COURSE}, imported twice", "part", "first s", "unchanged s", "of the first")
    for part in first:
        made.add_row(part, f"{first[part]:.1f}", f"{second[part]:.2f}", f"{second[part] / first[part]:.3f}")
    one, two = sum(first.values()), sum(second.values())
    made.add_section()
    made.add_row("whole course", f"{one:.1f}", f"{two:.2f}", judged(two / one, ".3f", at_most=LARGEST_SHARE))
    return made


def answered_after(settings: Settings, owner: UUID, embedder: Embedder, prose: Prose) -> float:
    """Seconds from a file handed in until its owner is answered with a sentence of its last page."""
    said = prose.sentence()
    data = prose.pdf(PAGES, said)

    def act() -> None:
        store = open_store(settings)
        with connect(settings, Role.API) as connection, acting_as(connection, owner):
            document = register_upload(store, connection, owner, "notes.pdf", data, title="Notes")
        payload = {"document_id": str(document), "filename": "notes.pdf"}
        wait(settings, [submit(settings, "upload", payload)], lambda _: None)
        with connect(settings, Role.API) as connection, acting_as(connection, owner):
            quotes = answer(connection, embedder, said, course_id="none:0").quotes
        if not any(quote.document_id == document and said in quote.text for quote in quotes):
            raise SystemExit(f"The upload does not answer: {said}")

    return seconds(act)


def uploads(settings: Settings, count: int) -> Table:
    owner, embedder, prose = new_account(settings), open_embedder(settings), Prose(7)
    embedder.embed_query("warm")
    taken = [answered_after(settings, owner, embedder, prose) for _ in range(count)]
    made = table(f"A PDF of {PAGES} pages, handed in to answerable", "uploads", "p50 s", "slowest s", "p95 s")
    late = float(np.percentile(taken, 95))
    middle, slowest = f"{statistics.median(taken):.1f}", f"{max(taken):.1f}"
    made.add_row(str(count), middle, slowest, judged(late, ".1f", at_most=LONGEST_SECONDS))
    return made


def main(count: int) -> None:
    settings = new_home()
    with warm_runner(settings):
        import_backup(settings, QUIET, OTHER)
        show(twice(settings))
        show(uploads(settings, count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 16)
