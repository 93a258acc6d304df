"""One live socket: nothing waits in memory; a reader that is slow, or was away, reads on where it stopped."""

import asyncio
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException

from serving.live import reading
from serving.sockets.proof import ask
from serving.sockets.talk import HEARTBEAT_SECONDS, Guest, Talk
from studium.wire.live import LiveHeartbeat, LiveReady

PAUSE_SECONDS = 0.1
"""What happens at the same time is read together."""


class LiveTalk(Talk):
    """Tells of one's courses, or of some of them."""

    def __init__(self, guest: Guest, after: int | None, course_ids: list[str] | None) -> None:
        super().__init__(guest)
        self.after = after
        self.course_ids = course_ids

    async def tell(self) -> None:
        """From where the guest stopped, and on."""
        seat = self.guest.seat
        cursor, missed = await self._ask(reading.begin, self.after)
        await self.say(LiveReady(event_id=cursor, missed=missed))
        while True:
            seat.wake.clear()
            batch = await self._ask(reading.read, cursor, self.course_ids)
            for event in batch.events:
                await self.say(event)
            cursor = batch.read_until
            if not batch.is_last:
                continue
            if await seat.woken(HEARTBEAT_SECONDS):
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                await self.say(LiveHeartbeat(event_id=cursor))

    async def heard(self, _text: str) -> None:
        """Nothing but a proof is understood."""
        raise HTTPException(422, 'Only {"access_token": "..."} is understood here.')

    async def _ask(self, work: Any, *arguments: Any) -> Any:
        return await ask(self.guest.hub, partial(work, self.guest.held, self.guest.proof, *arguments))
