"""One socket's conversation: tells what happens, hears renewed proofs, and ends when the right to listen does.

Nothing waits in memory: a reader that is slow, or was away, reads from the outbox where it stopped.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import psycopg_pool
from anyio import to_thread
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from serving.live import reading
from serving.live.hub import Hub, Seat
from serving.live.reading import Proof
from serving.problems import BUSY
from serving.services import Services
from studium.wire.base import Wire
from studium.wire.live import LiveHeartbeat, LiveProof, LiveReady

HEARTBEAT_SECONDS = 20.0
PAUSE_SECONDS = 0.1
"""What happens at the same time is read together."""
LONGEST_MESSAGE = 4096
ENDED = "Your session has ended. Sign in again."

Result = TypeVar("Result")


async def ask(hub: Hub, work: Callable[[], Result]) -> Result:
    """Do a reader's work on the database, few at a time; what it cannot answer is a problem with a status."""
    try:
        return await to_thread.run_sync(work, limiter=hub.reads)
    except reading.SignedOutError as error:
        raise HTTPException(401, ENDED) from error
    except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
        raise HTTPException(503, BUSY, {"Retry-After": "5"}) from error


async def hear_proof(websocket: WebSocket) -> Proof:
    """The next message, which must be a token."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text") or ""
    try:
        if len(text) > LONGEST_MESSAGE:
            raise HTTPException(422, "This message is too long.")
        return Proof(token=LiveProof.model_validate_json(text).access_token)
    except ValidationError as error:
        raise HTTPException(422, 'Only {"access_token": "..."} is understood here.') from error


@dataclass
class Talk:
    """A socket that was let in, and whose owner is known."""

    websocket: WebSocket
    held: Services
    hub: Hub
    seat: Seat
    proof: Proof
    told: int = 0

    async def run(self, after: int | None, course_ids: list[str] | None) -> None:
        """Talk until one side leaves, or the owner may no longer listen (raises `HTTPException`)."""
        halves = [asyncio.create_task(self._tell(after, course_ids)), asyncio.create_task(self._hear())]
        try:
            done, _ = await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
            await asyncio.gather(*halves, return_exceptions=True)
        for half in done:
            half.result()

    async def _tell(self, after: int | None, course_ids: list[str] | None) -> None:
        cursor, missed = await self._ask(reading.begin, after)
        await self._say(LiveReady(event_id=cursor, missed=missed))
        while True:
            self.seat.wake.clear()
            batch = await self._ask(reading.read, cursor, course_ids)
            for event in batch.events:
                await self._say(event)
            self.told += len(batch.events)
            cursor = batch.read_until
            if batch.is_last and not await self._woken():
                await self._say(LiveHeartbeat(event_id=cursor))

    async def _woken(self) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await self.seat.wake.wait()
        except TimeoutError:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
        return True

    async def _hear(self) -> None:
        while True:
            proof = await hear_proof(self.websocket)
            account_id: UUID = await ask(self.hub, partial(reading.identify, self.held, proof))
            if account_id != self.seat.account_id:
                raise HTTPException(422, "This token belongs to another account.")
            self.proof = proof

    async def _ask(self, work: Any, *arguments: Any) -> Any:
        return await ask(self.hub, partial(work, self.held, self.proof, *arguments))

    async def _say(self, message: Wire) -> None:
        await self.websocket.send_text(message.model_dump_json())
