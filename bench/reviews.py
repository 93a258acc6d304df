"""Reviews at once: `python bench/reviews.py [learners] [seconds]`. One API process, and the same rows in plain SQL.

Every learner rates a card, waits for the answer, and rates the next. Beside it stands what the database alone takes for
the rows that a review writes, over as many connections as the API has. On a machine that is busy besides, only the
ratio says something.
"""

import asyncio
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.installation import new_home
from bench.support.report import console, show, table
from bench.support.served import start
from studium.database.pool import Role, acting_as, connect, open_pool
from studium.settings import Settings
from tests.integration import review_world
from tests.integration.review_world import Learner

CARDS = 20
WARM_SECONDS = 3.0
Row = dict[str, Any]
MOVED = """
update app.cards
set memory = %(memory_after)s, due_at = %(due_after)s, reps = reps + 1, last_reviewed_at = %(reviewed_at)s
where card_id = %(card_id)s
"""
COUNTED = """
update app.study_sessions set last_activity_at = now(), cards_reviewed = cards_reviewed + 1 where account_id = %s
"""
STOOD = "update app.standings set settled_at = now(), xp = xp + 1 where account_id = %s"


def main(people: int = 100, seconds: float = 20.0) -> None:
    """Run."""
    settings = new_home()
    served = start(settings)
    address = f"http://127.0.0.1:{served.port}"
    try:
        done = review_world.learners(settings, people, CARDS)
        asyncio.run(review_world.review_all(done, address, WARM_SECONDS))
        for one in done:
            one.seconds.clear()
        before, begun = served.cpu_seconds, time.perf_counter()
        asyncio.run(review_world.review_all(done, address, seconds))
        took, cpu = time.perf_counter() - begun, served.cpu_seconds - before
    finally:
        served.kill()
    kept = review_world.check(settings, done)
    waited = np.concatenate([one.seconds for one in done])
    plain_rate, plain = in_plain_sql(settings, done)
    told = table(
        f"POST review, {people} learners at once, each waits for its answer", "", "reviews/s", "p50 ms", "p95 ms"
    )
    told.add_row("API, one process", f"{len(waited) / took:.0f}", *_percentiles(waited))
    told.add_row(f"its rows in plain SQL, {settings.pool_size} connections", f"{plain_rate:.0f}", *_percentiles(plain))
    told.add_row("API to plain SQL", f"{len(waited) / took / plain_rate:.2f}", "", "")
    show(told)
    console.print(
        f"{1000 * cpu / len(waited):.1f} ms of the API's CPU a review; {kept} reviews kept, none lost or doubled"
    )


def in_plain_sql(settings: Settings, done: list[Learner]) -> tuple[float, NDArray[np.float64]]:
    """Write what the reviews wrote once more, for others, without asking or reckoning anything."""
    others = review_world.learners(settings, len(done), CARDS)
    with connect(settings, Role.ADMIN) as connection:
        work = [(other, _reviews(connection, one, other)) for one, other in zip(done, others, strict=True)]
    with open_pool(settings, Role.API) as pool, ThreadPoolExecutor(settings.pool_size) as threads:

        def write(other: Learner, reviews: list[list[tuple[str, Row]]]) -> list[float]:
            seconds = []
            for review in reviews:
                begun = time.perf_counter()
                with pool.connection() as connection, acting_as(connection, other.account_id):
                    for name, row in review:
                        _insert(connection, name, row)
                    connection.execute(MOVED, _values(review[0][1]))
                    connection.execute(STOOD, [other.account_id])
                    connection.execute(COUNTED, [other.account_id])
                seconds.append(time.perf_counter() - begun)
            return seconds

        begun = time.perf_counter()
        waited = np.concatenate(list(threads.map(lambda one: write(*one), work)))
        return len(waited) / (time.perf_counter() - begun), waited


def _reviews(connection: Connection, one: Learner, other: Learner) -> list[list[tuple[str, Row]]]:
    """The rows of each review, with somebody else's account and cards; what is changed, not added, is there already."""
    cards = dict(zip(one.cards, other.cards, strict=True))
    account = {"account_id": other.account_id}
    reviews = _all(connection, "select * from app.card_reviews where account_id = %s order by reviewed_at", one)
    acts = _all(connection, "select * from app.events where account_id = %s and context ? 'review_id'", one)
    entries = {
        row["event_id"]: row for row in _all(connection, "select * from app.xp_ledger where account_id = %s", one)
    }
    act_of = {act["context"]["review_id"]: act for act in acts}
    for standing in _all(connection, "select * from app.standings where account_id = %s", one):
        _insert(connection, "standings", standing | account)
    for session in _all(connection, "select * from app.study_sessions where account_id = %s", one):
        _insert(connection, "study_sessions", session | account | {"session_id": uuid4()})
    connection.commit()
    found = []
    for review in reviews:
        act, event = act_of[str(review["review_id"])], {"event_id": uuid4()}
        rows = [("card_reviews", review | account | {"card_id": cards[review["card_id"]], "review_id": uuid4()})]
        rows.append(("events", act | account | event))
        if entry := entries.get(act["event_id"]):
            rows.append(("xp_ledger", entry | account | event))
        found.append(rows)
    return found


def _all(connection: Connection, statement: str, one: Learner) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, [one.account_id]).fetchall()  # type: ignore[arg-type]


def _insert(connection: Connection, name: str, row: Row) -> None:
    columns = [column for column in row if column != "written_in"]  # the transaction's own
    places = ", ".join(f"%({column})s" for column in columns)
    connection.execute(f"insert into app.{name} ({', '.join(columns)}) values ({places})", _values(row))  # type: ignore[arg-type]


def _values(row: Row) -> Row:
    return {name: Jsonb(value) if isinstance(value, dict) else value for name, value in row.items()}


def _percentiles(seconds: Iterable[float]) -> list[str]:
    return [f"{1000 * value:.0f}" for value in np.percentile(np.asarray(seconds), [50, 95])]


if __name__ == "__main__":
    main(*(float(word) if place else int(word) for place, word in enumerate(sys.argv[1:])))  # type: ignore[arg-type]
