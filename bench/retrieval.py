"""Search under permission at size: `python bench/retrieval.py [--passages N] [--questions N] [--keep FOLDER]`.

As the role of serving, through `studium.retrieval.search` (without the embedding of the question): recall of the
vectors against exact search, whether results are full, and time beside what an administrator's unfiltered search takes.
Filters are measured in turn, question by question, so that a busy machine is busy for all of them.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

import numpy as np
from pgvector import HalfVector
from psycopg import Connection

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support import big_site
from bench.support.report import console, judged, table
from studium.content.embed import Embedder, Matrix, open_embedder
from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.retrieval.search import search
from studium.settings import Settings
from tests.tutor import questions

SHARED_BUFFERS = "2GB"
"""A server for half a million passages is not left at 128 MB: graph, vectors and lexemes are 1.3 GB."""
WANTED = 10
ALL = 2_000_000_000
LEAST_RECALL, LARGEST_RATIO = 0.98, 2.0
_LONG = re.compile(r"'[\[{][^']{60,}[\]}]'")
VECTORS_ALONE = "select passage_id from content.search(%s::halfvec, %s, null, wanted => %s, exactly => %s)"


class Known(Embedder):
    """Hands out vectors made before the clock runs."""

    def __init__(self, embedder: Embedder, texts: list[str]) -> None:
        self.space = embedder.space
        self._vectors = dict(zip(texts, embedder.embed_documents(texts), strict=True))

    def embed_matrix(self, texts: list[str]) -> Matrix:
        """One row a text."""
        return np.array([self._vectors[text] for text in texts], np.float32)


def prepare(home: Path) -> None:
    """Migrate, and give the server memory; it takes it when it is started again."""
    settings = Settings(home=home, _env_file=None)
    migrate.upgrade(settings)
    with connect(settings, Role.ADMIN, autocommit=True) as connection:
        connection.execute(f"alter system set shared_buffers = '{SHARED_BUFFERS}'")


def recall(connection: Connection, account: UUID, space_id: int, vectors: list[str]) -> tuple[float, float]:
    """Share of the exact ten that the product's way finds, and how many it returns."""
    shares, counts = [], []
    for vector in vectors:
        with acting_as(connection, account):
            found, exact = (
                {row[0] for row in connection.execute(VECTORS_ALONE, [vector, space_id, WANTED, exactly]).fetchall()}
                for exactly in (None, ALL)
            )
        shares.append(len(found & exact) / len(exact))
        counts.append(len(found))
    return float(np.mean(shares)), float(np.mean(counts))


def bound(connection: Connection) -> float:
    """content.search's own bound between comparing one by one and the graph."""
    row = connection.execute("select greatest(2000, sqrt(600.0 * passages)) from content.lexicon").fetchone()
    return float(row[0])


def clock(connection: Connection, accounts: dict[str, UUID], asked: list[str], known: Known) -> dict[str, list[float]]:
    """Milliseconds of every search, and full results checked."""
    times: dict[str, list[float]] = {name: [] for name in accounts}
    for text in asked:
        for name, account in accounts.items():
            with acting_as(connection, account):
                started = time.perf_counter()
                found = search(connection, known, text, limit=WANTED)
                times[name].append((time.perf_counter() - started) * 1000)
            if len(found) != WANTED:
                raise SystemExit(f"{name}: {len(found)} results to {text!r}")
    return times


def plan(settings: Settings, account: UUID, space_id: int, vector: str, text: str) -> list[str]:
    """The plan of the statement inside content.search, as the account gets it."""
    with connect(settings, Role.ADMIN) as connection, connection.transaction():
        source, options = connection.execute(
            "select prosrc, proconfig from pg_proc where proname = 'search' and pronamespace = 'content'::regnamespace"
        ).fetchone()
        for option in options:
            name, _, value = option.partition("=")
            connection.execute("select set_config(%s, %s, true)", [name, value])
        connection.execute("select set_config('studium.account_id', %s, true)", [str(account)])
        scopes, size = connection.execute(
            "select array_agg(scope_id), sum(passages) from content.permitted(null) where passages > 0"
        ).fetchone()
        statement = source.split("$statement$")[1].replace("%1$s", str(space_id)).replace("%2$s", "384")
        values = {
            "$1": f"'{{{','.join(map(str, scopes))}}}'::integer[]",
            "$2": f"'{vector}'::public.halfvec",
            "$3": str(size <= bound(connection)),
            "$4": "'" + text.replace("'", "''") + "'",
            "$5": "10000",
            "$6": "50",
            "$7": str(WANTED),
        }
        for mark, value in values.items():
            statement = statement.replace(mark, value)
        explain = f"explain (analyze, costs off, buffers off, summary off) {statement}"
        rows = connection.execute(explain.encode()).fetchall()
    return [_LONG.sub("'...'", row[0])[:150] for row in rows]


def report(settings: Settings, embedder: Embedder, accounts: dict[str, UUID], asked: list[str]) -> bool:
    """Measure and print; whether everything is as it must be."""
    known = Known(embedder, asked)
    headings = "passages seen", "compared", "recall@10", "results", "p50 ms", "p95 ms", "p95 / unfiltered"
    made = table("Search under permission", *headings)
    with connect(settings, Role.API) as connection:
        space_id = connection.execute("select space_id from content.spaces where status = 'active'").fetchone()[0]
        vectors = [HalfVector(known.embed_query(text)).to_text() for text in asked]
        recalls = {name: recall(connection, account, space_id, vectors) for name, account in accounts.items()}
        clock(connection, accounts, asked[:10], known)
        times = clock(connection, accounts, asked, known)
    slowest = {name: float(np.percentile(taken, 95)) for name, taken in times.items()}
    unfiltered = next(iter(slowest.values()))
    is_good = True
    for name, account in accounts.items():
        with connect(settings, Role.ADMIN) as connection, acting_as(connection, account):
            size = connection.execute("select sum(passages) from content.permitted(null)").fetchone()[0]
            way = "one by one" if size <= bound(connection) else "graph"
        share, count = recalls[name]
        middle = float(np.median(times[name]))
        ratio = slowest[name] / unfiltered
        made.add_row(
            f"{name} ({size:,})",
            way,
            judged(share, ".3f", at_least=LEAST_RECALL),
            judged(count, ".1f", at_least=WANTED),
            f"{middle:.1f}",
            f"{slowest[name]:.1f}",
            judged(ratio, ".2f", at_most=LARGEST_RATIO),
        )
        is_good &= share >= LEAST_RECALL and count == WANTED and ratio <= LARGEST_RATIO
    console.print(made)
    for name, account in accounts.items():
        console.rule(f"plan: {name}")
        for line in plan(settings, account, space_id, vectors[0], asked[0]):
            print(line)
    return is_good


def measure(folder: Path, passages: int, asked: list[str]) -> bool:
    """Build what is not there yet, and measure."""
    is_new = not (folder / "postgres").exists()
    if is_new:
        # the server takes its memory when it is started again, and it ends with the last process that uses it
        subprocess.run([sys.executable, __file__, "--prepare", str(folder)], check=True)
    settings = Settings(home=folder, _env_file=None)
    embedder = open_embedder(settings)
    with connect(settings, Role.ADMIN) as keeps_the_server_up:
        about = "select version(), 'pgvector ' || extversion from pg_extension where extname = 'vector'"
        console.print(*keeps_the_server_up.execute(about).fetchone(), highlight=False)
        if is_new:
            big_site.build(settings, embedder, passages, console.print)
        accounts = {
            name: keeps_the_server_up.execute(
                "select account_id from app.accounts where display_name = %s", [name]
            ).fetchone()[0]
            for name in big_site.SHARES
        }
        load = os.getloadavg()[0]
        console.print(f"shared_buffers {SHARED_BUFFERS}, {os.cpu_count()} cores, load before measuring {load:.1f}")
        return report(settings, embedder, accounts, asked)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--passages", type=int, default=500_000)
    parser.add_argument("--questions", type=int, help="ask only so many of the tutor's test questions")
    parser.add_argument("--keep", type=Path, help="build here, or measure again what was built here")
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        return prepare(options.prepare)
    sets = (
        questions.CVS201_ANSWERED,
        questions.PHA203_ANSWERED,
        questions.CVS201_UNANSWERED,
        questions.PHA203_UNANSWERED,
    )
    asked = [question for one in sets for question in one][: options.questions]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        is_good = measure(options.keep.absolute() if options.keep else Path(folder), options.passages, asked)
    raise SystemExit(not is_good)


if __name__ == "__main__":
    main()
