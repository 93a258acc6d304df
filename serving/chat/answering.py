"""The answer to a question asked over HTTP: whole when it is there, or as a stream of events while it comes.

It begins when the request's transaction is committed, and holds no connection while it waits.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from serving.chat.reader import Reader
from serving.chat.turns import Turns
from serving.services import Services
from serving.sockets.hub import Hub, Seat
from serving.sockets.proof import Proof, ask, brought, who
from studium.tutor import conversation
from studium.tutor.conversation import CHANNEL
from studium.tutor.telling import Position, read_position
from studium.wire.base import Wire
from studium.wire.chat import ChatError, ChatTurn, Done

EVENTS = "text/event-stream"
LONGEST_WAIT_SECONDS = 110
"""Below the two minutes after which proxies give up."""


@dataclass(frozen=True)
class Wanted:
    """Whose turn is waited for."""

    session_id: UUID
    turn: ChatTurn
    account_id: UUID


class Answering(Response):
    """Waits for one turn. `stream`: events from the position `after` on."""

    def __init__(self, wanted: Wanted, *, stream: bool, after: str | None = None) -> None:
        super().__init__()
        self.wanted = wanted
        self.stream = stream
        self.after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a seat, have the turn answered, and tell."""
        request = HTTPConnection(scope)
        hub: Hub = request.app.state.hub
        turns: Turns = request.app.state.turns
        wanted = self.wanted
        with hub.seat(wanted.account_id, CHANNEL, str(wanted.session_id)) as seat:
            turns.take(wanted.session_id, wanted.account_id)
            reader = self._reader(request, hub, turns, seat)
            if self.stream:
                response: Response = StreamingResponse(self._events(reader), media_type=EVENTS)
            else:
                response = await self._whole(reader)
            await response(scope, receive, send)

    def _reader(self, request: HTTPConnection, hub: Hub, turns: Turns, seat: Seat) -> Reader:
        held: Services = request.app.state.services
        proof = brought(request) or Proof()
        return Reader(held, hub, turns, seat, self.wanted.session_id, self._position(), prove=lambda: proof)

    def _position(self) -> Position:
        """Where to begin: of this turn, what its reader does not know; of those before it, nothing."""
        number = self.wanted.turn.number
        try:
            known = read_position(self.after or "")
        except ValueError:
            known = Position()
        return known if known.number == number and known.attempt is not None else Position(number - 1)

    async def _events(self, reader: Reader) -> AsyncIterator[str]:
        try:
            async for frame in reader.follow():
                yield f"id: {frame.position}\n{_event(frame)}"
                if isinstance(frame, Done) and frame.turn_id == self.wanted.turn.turn_id:
                    return
        except HTTPException as error:
            yield _event(ChatError(code=error.status_code, detail=error.detail))

    async def _whole(self, reader: Reader) -> JSONResponse:
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                async for frame in reader.follow():
                    if isinstance(frame, Done) and frame.turn_id == self.wanted.turn.turn_id:
                        break
            status = 200
        except TimeoutError:
            status = 202
        turn = await ask(reader.hub, lambda: self._turn(reader))
        return JSONResponse(turn.model_dump(mode="json"), status)

    def _turn(self, reader: Reader) -> ChatTurn:
        with reader.held.pool.connection(timeout=5) as connection:
            who(connection, reader.held, reader.prove())
            return conversation.turn(connection, self.wanted.session_id, self.wanted.turn.turn_id)


def _event(frame: Wire) -> str:
    return f"event: {frame.model_dump()['kind']}\ndata: {frame.model_dump_json()}\n\n"
