"""Reading one conversation as it goes on: a look as its owner, a wait, the next look. Whether by socket or by stream.

Nothing waits in memory, and no connection is held between two looks.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.exceptions import HTTPException

from serving.chat.turns import Turns
from serving.services import Services
from serving.sockets.hub import Hub, Seat
from serving.sockets.proof import Proof, ask, who
from serving.sockets.talk import HEARTBEAT_SECONDS
from studium.tutor import answering, conversation
from studium.tutor.conversation import NoSuchChatError
from studium.tutor.telling import FINAL, Position, tell
from studium.wire.chat import Asked, ChatHeartbeat, Done, Streaming

SUSPICION_SECONDS = 5.0
"""Whoever waits for an answer looks this often whether the one who answers still lives."""
MOST_AT_ONCE = 20
Told = Asked | Streaming | Done | ChatHeartbeat


@dataclass(frozen=True)
class Look:
    """What there is to tell, whether an answer is still to come, and whether there is more to read at once."""

    frames: list[Asked | Streaming | Done]
    position: Position
    is_open: bool
    is_last: bool


@dataclass
class Reader:
    """Somebody who follows a conversation, from a position on."""

    held: Services
    hub: Hub
    turns: Turns
    seat: Seat
    session_id: UUID
    position: Position
    prove: Callable[[], Proof]

    async def follow(self) -> AsyncIterator[Told]:
        """Tell what is new, for as long as the proof holds and the conversation is there (raises `HTTPException`)."""
        while True:
            self.seat.wake.clear()
            look = await ask(self.hub, self._look)
            for frame in look.frames:
                yield frame
            self.position = look.position
            if not look.is_last:
                continue
            seconds = SUSPICION_SECONDS if look.is_open else HEARTBEAT_SECONDS
            if not await self.seat.woken(seconds):
                yield ChatHeartbeat(position=str(self.position))

    def _look(self) -> Look:
        with self.held.pool.connection(timeout=5) as connection:
            account_id = who(connection, self.held, self.prove()).account_id
            try:
                conversation.read(connection, self.session_id)
            except NoSuchChatError as error:
                raise HTTPException(404, str(error)) from error
            found = conversation.standing(connection, self.session_id, self.position, MOST_AT_ONCE)
            is_open = any(one.turn.status not in FINAL for one in found)
            is_free = is_open and answering.waits(connection, self.session_id)
        if is_free:
            self.turns.take(self.session_id, account_id)
        told = list(tell(self.position, found))
        position = told[-1][0] if told else self.position
        return Look([frame for _, frame in told], position, is_open, is_open or len(found) < MOST_AT_ONCE)
