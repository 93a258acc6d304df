"""Conversations at once: `python bench/chat.py [conversations]`. Two API processes, one of which is killed half-way.

First words, end of the answer, other people's requests against idle, memory; and that nothing was lost or doubled. On a
machine that is busy besides, only ratios and CPU seconds say something.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import numpy as np
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, InvalidHandshake

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.installation import new_home
from bench.support.report import judged, show, table
from bench.support.served import start
from studium.accounts.secrets import open_keys
from studium.accounts.tokens import start_family
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings
from tests.integration.real_courses import bring_texts
from tests.tutor import questions

COURSE = "bench:2"
ASKED = [*questions.CVS201_ANSWERED, *questions.CVS201_UNANSWERED]
ROUNDS = 2
SPREAD_SECONDS = 60.0
"""Over how long people's questions are spread in the steady rounds; in the burst all ask in the same moment."""
IDLE_SECONDS = 10.0
GLANCE_SECONDS = 0.2
GLANCES = ("auth/me", "chat/sessions?limit=20", "search?q=preload&limit=3")
"""What other people ask meanwhile; the last searches as a question does."""


@dataclass
class Learner:
    """One conversation, kept by the three rules of docs/chat.md."""

    number: int
    session_id: UUID
    account_id: UUID
    token: str = ""
    position: str = "0"
    texts: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    sent: dict[str, str] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    comings: int = 0

    def take(self, frame: dict[str, object]) -> None:
        """Keep what is told."""
        now, turn_id = time.perf_counter(), str(frame.get("turn_id"))
        self.position = str(frame.get("position", self.position))
        match frame["kind"]:
            case "message":
                assert turn_id not in self.told, "doubled"
                self.told[turn_id] = str(frame["client_message_id"])
            case "streaming":
                if turn_id not in self.texts:
                    self.first.append(now - self.begun[self.told[turn_id]])
                kept = self.texts.get(turn_id, "")[: int(str(frame["offset"]))]
                self.texts[turn_id] = kept + str(frame["chunk"])
            case "done":
                assert turn_id not in self.ended, "doubled"
                assert frame["status"] == "done", frame
                self.ended.add(turn_id)
                self.whole.append(now - self.begun[self.told[turn_id]])
            case "error":
                raise SystemExit(str(frame))

    async def say(self, socket: object, message_id: str) -> None:
        """Ask."""
        said = {"kind": "message", "client_message_id": message_id, "content": self.sent[message_id]}
        await socket.send(json.dumps(said))  # type: ignore[attr-defined]

    async def converse(self, ports: Callable[[], list[int]], wait: float) -> None:
        """Ask once, after a while, and listen until it is answered, wherever that is."""
        message_id = str(uuid4())
        self.sent[message_id] = random.choice(ASKED)
        asked_at = time.perf_counter() + wait
        self.begun[message_id] = asked_at
        while len(self.ended) < len(self.sent):
            port = ports()[(self.number + self.comings) % len(ports())]
            self.comings += 1
            address = f"ws://127.0.0.1:{port}/api/v1/chat?session_id={self.session_id}&after={self.position}"
            try:
                async with open_socket(
                    address, additional_headers={"Authorization": f"Bearer {self.token}"}, open_timeout=120
                ) as socket:
                    await asyncio.sleep(max(0.0, asked_at - time.perf_counter()))
                    if message_id not in self.told.values():
                        await self.say(socket, message_id)
                    while len(self.ended) < len(self.sent):
                        self.take(json.loads(await asyncio.wait_for(socket.recv(), 300)))
            except (ConnectionClosed, InvalidHandshake, OSError):
                await asyncio.sleep(0.5)


def learners(settings: Settings, count: int) -> list[Learner]:
    """So many people of the course, each with a conversation."""
    made = []
    with connect(settings, Role.ADMIN) as connection:
        row = connection.execute("select min(user_id) from raw.enrolments where site_id = 'bench'").fetchone()
        for number in range(count):
            account_id, user_id = uuid4(), 10_000_000 + number
            connection.execute(
                "insert into app.accounts (account_id, email, display_name) values (%s, %s, 'L')",
                [account_id, f"{number}@bench.test"],
            )
            connection.execute(
                "insert into raw.users (site_id, user_id, is_deleted, seen_at) values ('bench', %s, false, now())",
                [user_id],
            )
            connection.execute(
                "insert into raw.enrolments (site_id, course_id, enrolment_id, user_id, method, status, method_status) "
                "select site_id, 2, %s, %s, 'manual', 0, 0 from raw.enrolments where user_id = %s limit 1",
                [user_id, user_id, row[0]],
            )
            connection.execute(
                "insert into app.moodle_links (site_id, moodle_user_id, account_id) values ('bench', %s, %s)",
                [user_id, account_id],
            )
            session = connection.execute(
                "insert into app.chat_sessions (account_id, course_id) values (%s, %s) returning session_id",
                [account_id, COURSE],
            ).fetchone()
            made.append(Learner(number, session[0], account_id))
    return made


def give_tokens(settings: Settings, people: list[Learner]) -> None:
    """To each a new one: they last 15 minutes."""
    keys = open_keys(settings)
    with connect(settings, Role.API) as connection:
        for one in people:
            with acting_as(connection, one.account_id):
                one.token = start_family(connection, keys, one.account_id, datetime.now(UTC)).access_token


async def glances(ports: Callable[[], list[int]], token: str, until: Awaitable[object]) -> list[float]:
    """Milliseconds of other people's requests, one after the other, until something is over."""
    taken: list[float] = []
    over = asyncio.ensure_future(until)
    async with httpx2.AsyncClient(timeout=60, headers={"Authorization": f"Bearer {token}"}) as client:
        while not over.done():
            for path in GLANCES:
                began = time.perf_counter()
                try:
                    await client.get(f"http://127.0.0.1:{ports()[0]}/api/v1/{path}")
                except httpx2.TransportError:
                    continue
                taken.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(GLANCE_SECONDS)
    await over
    return taken


def lost_or_doubled(settings: Settings, people: list[Learner]) -> int:
    """Conversations that do not hold what the database does."""
    wrong = 0
    with connect(settings, Role.ADMIN) as connection:
        for one in people:
            rows = connection.execute(
                "select turn_id::text, client_message_id::text, text from app.chat_turns where session_id = %s",
                [one.session_id],
            ).fetchall()
            held = [(turn_id, message_id, one.texts.get(turn_id)) for turn_id, message_id in one.told.items()]
            wrong += sorted(rows) != sorted(held) or {row[1] for row in rows} != set(one.sent)
    return wrong


async def run(settings: Settings, count: int) -> None:
    people = learners(settings, count)
    give_tokens(settings, people)
    served = [start(settings), start(settings)]
    ports = lambda: [one.port for one in served]  # noqa: E731
    idle = await glances(ports, people[0].token, asyncio.sleep(IDLE_SECONDS))
    made = table(
        f"{count} conversations at once, two API processes",
        *("round", "first words p50 s", "p95", "answer p50 s", "p95", "CPU s a turn"),
        *("others p95 ms", "against idle", "MB"),
    )
    idle_p95 = float(np.percentile(idle, 95))
    memory = f"{sum(one.megabytes for one in served):.0f}"
    made.add_row("idle", "", "", "", "", "", f"{idle_p95:.0f}", "1.0", memory)
    for number in range(ROUNDS + 2):
        burst, killing = number == ROUNDS, number == ROUNDS + 1
        give_tokens(settings, people)
        for one in people:
            one.first.clear(), one.whole.clear()
        spread = 0.0 if burst else SPREAD_SECONDS
        computed = sum(one.cpu_seconds for one in served)
        talk = asyncio.gather(*(one.converse(ports, random.uniform(0, spread)) for one in people))
        watch = asyncio.create_task(glances(ports, people[0].token, talk))
        if killing:
            await asyncio.sleep(SPREAD_SECONDS / 2)
            served[1].kill()
            served[1] = await asyncio.to_thread(start, settings, served[1].port)
        others = float(np.percentile(await watch, 95))
        first = np.percentile([each for one in people for each in one.first], [50, 95])
        whole = np.percentile([each for one in people for each in one.whole], [50, 95])
        cpu = "" if killing else f"{(sum(one.cpu_seconds for one in served) - computed) / count:.2f}"
        name = "all in one moment" if burst else "one killed, restarted" if killing else f"over {spread:.0f} s"
        memory = f"{sum(one.megabytes for one in served):.0f}"
        cells = [*(f"{value:.2f}" for value in (*first, *whole)), cpu, f"{others:.0f}", f"{others / idle_p95:.1f}"]
        made.add_row(name, *cells, memory)
    for one in served:
        one.process.terminate()
        one.process.wait(30)
    wrong = lost_or_doubled(settings, people)
    made.caption = f"lost or doubled, of {count * (ROUNDS + 2)} turns: {judged(wrong, 'd', at_most=0)}"
    show(made)


def main(count: int) -> None:
    settings = new_home()
    bring_texts(settings, [2], "bench")
    asyncio.run(run(settings, count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
