"""Tells who listens that points moved on a leaderboard: once a second at most, however many acts there were.

Acts only leave a note in their own transactions: telling takes a lock for all, for which no learner should wait.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
import psycopg_pool
import structlog
from starlette.concurrency import run_in_threadpool

from serving.services import Services

SECONDS = 1.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def telling(held: Services) -> AsyncIterator[None]:
    """Tell for as long as the block lasts."""
    task = asyncio.create_task(_tell_on(held))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _tell_on(held: Services) -> None:
    while True:
        try:
            await run_in_threadpool(tell, held)
        except (psycopg.Error, psycopg_pool.PoolTimeout) as error:
            log.warning("leaderboards_not_told", error=type(error).__name__)
        await asyncio.sleep(SECONDS)


def tell(held: Services) -> int:
    """Tell of the leaderboards on which points moved, and say how many."""
    with held.pool.connection(timeout=5) as connection:
        row = connection.execute("select app.tell_leaderboards()").fetchone()
    return int(row[0]) if row else 0
