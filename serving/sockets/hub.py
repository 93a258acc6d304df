"""Who listens in this process, and what wakes them: one connection that listens to the database for all.

A notification carries no news; whoever is woken reads with their own permission. When the connection is lost, readers
still look at every heartbeat: late, never wrong.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import structlog
from anyio import CapacityLimiter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from studium import live
from studium.database.pool import Role, conninfo
from studium.settings import Settings
from studium.tutor import conversation

PER_ACCOUNT = 10
STRANGERS = 50
"""Sockets whose owner has not said yet who they are."""
READS_AT_ONCE = 4
"""Readers take no more of the pool's connections than this, however many are woken."""
RETRY_SECONDS = 2.0

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Seat:
    """A listener's place among those who are woken: by a channel, or by one topic of it."""

    account_id: UUID | None
    channel: str
    topic: str | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def woken(self, seconds: float) -> bool:
        """Wait for news, for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            return False
        return True


class Hub:
    """The listeners of one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.reads = CapacityLimiter(READS_AT_ONCE)
        self._seats: set[Seat] = set()

    def __len__(self) -> int:
        return len(self._seats)

    @contextmanager
    def seat(self, account_id: UUID | None, channel: str, topic: str | None = None) -> Iterator[Seat]:
        """A place for a listener of this account, or of a stranger; raises 429 when there are too many already."""
        taken = sum((seat.account_id, seat.channel) == (account_id, channel) for seat in self._seats)
        if taken >= (STRANGERS if account_id is None else PER_ACCOUNT):
            raise HTTPException(429, "Too many live connections are open. Close one first.", {"Retry-After": "10"})
        seat = Seat(account_id, channel, topic)
        self._seats.add(seat)
        try:
            yield seat
        finally:
            self._seats.discard(seat)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Hub"]:
        """Listen for as long as the block lasts."""
        task = asyncio.create_task(self._listen())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        address = await run_in_threadpool(conninfo, self.settings, Role.API)
        while True:
            try:
                await self._relay(address)
            except psycopg.Error as error:
                log.warning("live_listener_lost", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _relay(self, address: str) -> None:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            for channel in (live.CHANNEL, live.SIGNED_OUT_CHANNEL, conversation.CHANNEL):
                await connection.execute(f"listen {channel}")
            for seat in self._seats:  # for what was told while nobody listened
                seat.wake.set()
            async for notice in connection.notifies():
                self._wake(notice.channel, notice.payload)

    def _wake(self, channel: str, payload: str) -> None:
        for seat in self._seats:
            own = str(seat.account_id) if channel == live.SIGNED_OUT_CHANNEL else seat.topic
            if channel in (live.SIGNED_OUT_CHANNEL, seat.channel) and own in (None, payload):
                seat.wake.set()
