"""Many learners who review at once, over the API, and what the database must hold of it in the end."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx2

from studium.accounts.secrets import open_keys
from studium.accounts.tokens import start_family
from studium.database.pool import Role, acting_as, connect
from studium.learning.cards import NewCard, add_cards
from studium.settings import Settings

COURSE = "bench:2"
OK, SERVER_ERROR = 200, 500
PEOPLE = """
insert into app.accounts (email, display_name) select gen_random_uuid() || '@review.test', 'Learner'
from generate_series(1, %s) returning account_id
"""
BROKEN = """
with kept as (
    select r.card_id, r.idempotency_key, r.memory_before, r.memory_after, r.review_id,
        lag(r.memory_after) over (partition by r.card_id order by r.reviewed_at) as before,
        row_number() over (partition by r.card_id order by r.reviewed_at desc) as from_last
    from app.card_reviews as r where r.account_id = any(%(accounts)s)
)

select 'not on what the one before made', k.idempotency_key from kept as k
where k.memory_before is distinct from k.before
union all
select 'not what the card holds', k.idempotency_key from kept as k inner join app.cards as c using (card_id)
where k.from_last = 1 and c.memory <> k.memory_after
union all
select 'counted otherwise', c.card_id::text from app.cards as c
where c.account_id = any(%(accounts)s)
    and c.reps <> (select count(*) from app.card_reviews as r where r.card_id = c.card_id)
union all
select 'without an act, or with two', k.idempotency_key from kept as k
where 1 <> (
    select count(*) from app.events as e
    where e.object_id = k.card_id::text and e.context ->> 'review_id' = k.review_id::text
)
"""


@dataclass
class Learner:
    """Somebody with cards, and the reviews that were acknowledged to them, by key."""

    account_id: UUID
    token: str
    cards: Sequence[UUID]
    kept: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    tries: int = 0


def learners(settings: Settings, count: int, cards: int) -> list[Learner]:
    """People with that many new cards each, signed in."""
    keys, moment = open_keys(settings), datetime.now(UTC)
    with connect(settings, Role.ADMIN) as connection:
        accounts = [row[0] for row in connection.execute(PEOPLE, [count])]
    found = []
    with connect(settings, Role.API) as connection:
        for account_id in accounts:
            with acting_as(connection, account_id):
                token = start_family(connection, keys, account_id, moment).access_token
                new = [NewCard(f"Question {one}", "Answer", deck="Cards", course_id=COURSE) for one in range(cards)]
                found.append(Learner(account_id, token, add_cards(connection, account_id, new, moment)))
    return found


async def review(learner: Learner, http: httpx2.AsyncClient, until: float, chance: random.Random) -> None:
    """Rate one card after another as fast as it is acknowledged; what is not, is sent again under its key."""
    number = 0
    while time.monotonic() < until:
        card, key = learner.cards[number % len(learner.cards)], str(uuid4())
        body = {"rating": chance.choices((1, 2, 3, 4), (1, 1, 6, 2))[0], "duration_ms": 4000}
        begun = time.perf_counter()
        learner.kept[key] = await _acknowledged(http, learner, f"/api/v1/flashcards/{card}/review", body, key)
        learner.seconds.append(time.perf_counter() - begun)
        number += 1


async def _acknowledged(http: httpx2.AsyncClient, learner: Learner, path: str, body: dict[str, int], key: str) -> str:
    headers = {"Authorization": f"Bearer {learner.token}", "Idempotency-Key": key}
    while True:
        learner.tries += 1
        try:
            answer = await http.post(path, json=body, headers=headers)
        except httpx2.TransportError:
            await asyncio.sleep(0.1)
            continue
        if answer.status_code == OK:
            return str(answer.json()["review_id"])
        assert answer.status_code >= SERVER_ERROR, answer.text
        await asyncio.sleep(0.1)


async def review_all(people: Sequence[Learner], address: str, seconds: float) -> None:
    """All at once, for so long, each over a connection of their own."""
    limits = httpx2.Limits(max_connections=len(people), max_keepalive_connections=len(people))
    async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=10) as http:
        until = time.monotonic() + seconds
        await asyncio.gather(*(review(one, http, until, random.Random(place)) for place, one in enumerate(people)))


def check(settings: Settings, people: Sequence[Learner]) -> int:
    """What was acknowledged is kept, once, each on what the one before made; returns how many reviews there are."""
    accounts = [one.account_id for one in people]
    with connect(settings, Role.ADMIN) as connection:
        broken = connection.execute(BROKEN, {"accounts": accounts}).fetchall()
        assert not broken, broken[:5]
        rows = connection.execute(
            "select account_id, idempotency_key, review_id::text from app.card_reviews where account_id = any(%s)",
            [accounts],
        ).fetchall()
    kept: dict[UUID, dict[str, str]] = {one.account_id: {} for one in people}
    for account_id, key, review_id in rows:
        kept[account_id][key] = review_id
    for one in people:
        assert kept[one.account_id] == one.kept
    return len(rows)
