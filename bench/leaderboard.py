"""How long a leaderboard takes to read, and an act to be seen on it? `python bench/leaderboard.py [events ...]`.

One course whose learners all take part, served by one API process. Every size is measured twice: with all events in the
mart, as after the nightly build, and with the last hundredth not in it, as on the evening of the hundredth day. Beside
the read stands the plain sum over the ledger by course and learner, asked without HTTP: what a mart saves.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import httpx2
from websockets.sync.client import connect as open_socket

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support import served
from bench.support.installation import new_home
from bench.support.report import judged, show, table
from studium import warehouse
from studium.accounts.secrets import open_keys
from studium.accounts.tokens import start_family
from studium.database.pool import Role, acting_as, connect
from studium.events import Kind, Verb
from studium.motivation.acts import record_act
from studium.settings import Settings
from tests.integration.invented_site import COURSE, SITE, Site

SIZES = (1_000, 100_000, 1_000_000)
LEARNERS, DAYS = 1_000, 100
READS, ACTS = 200, 40
P95_MS, VISIBLE_MS, TOLD_MS = 200, 300, 2_000
BOARD = f"{SITE}:{COURSE}"
FILL = """
with numbers as (
    select uuidv7() as event_id, l.account_id, l.learner_id, n %% 997 as card,
           now() - random() * make_interval(days => %(days)s) as happened_at
    from generate_series(1, %(events)s) as n
    inner join (
        select account_id, learner_id, row_number() over (order by account_id) - 1 as place from app.moodle_links
    ) as l on l.place = n %% %(learners)s
), events as (
    insert into app.events (event_id, account_id, learner_id, verb, object_type, object_id, course_id, happened_at)
    select event_id, account_id, learner_id, %(verb)s, %(kind)s, card::text, %(course)s, happened_at from numbers
)
insert into app.xp_ledger
    (event_id, account_id, object_type, object_id, course_id, learner_id, day, xp, reason, happened_at)
select event_id, account_id, %(kind)s, card::text, %(course)s, learner_id, happened_at::date, 2, 'review', happened_at
from numbers
"""
PLAIN = (
    "select learner_id, sum(xp) from app.xp_ledger where course_id = %s group by learner_id order by 2 desc limit 10"
)


def people(settings: Settings) -> list[UUID]:
    """A course's learners, all on its leaderboard."""
    with connect(settings, Role.ADMIN) as connection:
        connection.execute(
            "insert into raw.sites (site_id, wwwroot, timezone) values (%s, 'http://example.test', 'UTC')", [SITE]
        )
        site = Site(connection)
        accounts = [site.add_person() for _ in range(LEARNERS)]
        connection.execute(
            "insert into app.leaderboard_members (course_id, learner_id, pseudonym) "
            "select %s, learner_id, 'Learner ' || moodle_user_id from app.moodle_links",
            [BOARD],
        )
        connection.execute("analyze")  # as autovacuum does some minutes after people came
    return accounts


def fill(settings: Settings, events: int, *, anew: bool = True) -> None:
    """So many events, beside those that are there or in their place."""
    with connect(settings, Role.ADMIN) as connection:
        if anew:
            connection.execute("truncate app.xp_ledger, app.standings, app.badges_awarded, app.leaderboard_stirs")
        connection.execute(
            FILL,
            {
                "events": events,
                "days": DAYS,
                "learners": LEARNERS,
                "verb": Verb.ANSWERED,
                "kind": Kind.FLASHCARD,
                "course": BOARD,
            },
        )
    with connect(settings, Role.ADMIN, autocommit=True) as connection:
        connection.execute("vacuum analyze app.xp_ledger")


def timed(times: int, work: Callable[[int], object]) -> list[float]:
    """Milliseconds of each."""
    spent = []
    for number in range(times):
        begun = time.perf_counter()
        work(number)
        spent.append((time.perf_counter() - begun) * 1000)
    return sorted(spent)


def at(spent: list[float], share: float) -> float:
    """The value so many are not above."""
    return spent[min(len(spent) - 1, int(len(spent) * share))]


class Asker:
    """Somebody of the course who asks by HTTP."""

    def __init__(self, settings: Settings, api: served.Served, account_id: UUID) -> None:
        keys = open_keys(settings)
        with connect(settings, Role.API) as connection, acting_as(connection, account_id):
            self.token = start_family(connection, keys, account_id, datetime.now(UTC)).access_token
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{api.port}/api/v1", headers=self.headers, timeout=60)
        self.live = f"ws://127.0.0.1:{api.port}/api/v1/live"

    def board(self, period: str) -> list[dict[str, object]]:
        """The rows shown."""
        answer = self.http.get(f"/courses/{BOARD}/leaderboard", params={"period": period})
        answer.raise_for_status()
        return list(answer.json()["entries"])

    def mine(self) -> float:
        """The own points of all time."""
        return next(float(str(row["points"])) for row in self.board("all") if row["is_me"])


def visible(settings: Settings, asker: Asker, account_id: UUID, cards: count) -> list[float]:
    """From the beginning of an act to the end of the first read that shows it."""
    with connect(settings, Role.API) as connection:

        def act(_: int) -> None:
            before = asker_points[0]
            _review(connection, account_id, next(cards))
            while asker.mine() != before + 2:
                pass
            asker_points[0] += 2

        asker_points = [asker.mine()]
        return timed(ACTS, act)


def told(settings: Settings, asker: Asker, account_id: UUID, cards: count) -> list[float]:
    """From the beginning of an act to the message on the live socket."""
    with (
        connect(settings, Role.API) as connection,
        open_socket(asker.live, additional_headers=asker.headers) as socket,
    ):
        json.loads(socket.recv())

        def act(_: int) -> None:
            _review(connection, account_id, next(cards))
            while json.loads(socket.recv())["kind"] != "leaderboard:update":
                pass

        return timed(10, act)


def reading(settings: Settings, asker: Asker) -> tuple[list[float], list[float]]:
    """Of the boards in turn, by HTTP; and of the plain sum."""
    periods = ("week", "course", "all")
    reads = timed(READS, lambda turn: asker.board(periods[turn % 3]))
    with connect(settings, Role.ADMIN) as connection:
        return reads, timed(20, lambda _: connection.execute(PLAIN, [BOARD]).fetchall())


def _review(connection: object, account_id: UUID, card: int) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=2 * card)
    with acting_as(connection, account_id):  # type: ignore[arg-type]
        record_act(
            connection, account_id, Verb.ANSWERED, Kind.FLASHCARD, f"new {card}",  # type: ignore[arg-type]
            course_id=BOARD, result={"was_due": True}, moment=moment,
        )  # fmt: skip


def main(sizes: list[int]) -> None:
    """Measure every size."""
    settings = new_home()
    accounts = people(settings)
    warehouse.build(settings, "--resource-types", "model", "seed")
    api = served.start(settings)
    made = table(
        f"Leaderboard of {LEARNERS:,} participants, {DAYS} days",
        *(
            "events",
            "in the mart",
            "read p50",
            f"p95 of {READS}",
            "plain sum p95",
            "seen after, p95",
            "told after, p95",
        ),
    )
    random.seed(1)
    try:
        cards = count()
        for number, events in enumerate(sizes):
            fill(settings, events - events // 100)
            for landed in ("all but 1 %", "all"):
                warehouse.build(settings, "--select", "int_points__awarded")
                if landed != "all":
                    fill(settings, events // 100, anew=False)
                account_id = accounts[2 * number + (landed == "all")]
                asker = Asker(settings, api, account_id)
                reads, plain = reading(settings, asker)
                seen, heard = (one(settings, asker, account_id, cards) for one in (visible, told))
                made.add_row(
                    f"{events:,}",
                    landed,
                    f"{at(reads, 0.5):.1f} ms",
                    judged(at(reads, 0.95), ".1f", at_most=P95_MS) + " ms",
                    f"{at(plain, 0.95):.1f} ms",
                    judged(at(seen, 0.95), ".1f", at_most=VISIBLE_MS) + " ms",
                    judged(at(heard, 0.95), ".0f", at_most=TOLD_MS) + " ms",
                )
    finally:
        api.kill()
    show(made)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
