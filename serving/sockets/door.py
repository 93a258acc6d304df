"""How a socket comes in: a browser with its session, from our own pages alone; a program with its access token.

The token stands in the `Authorization` header or is the first message, and may be sent again to renew it. Never in the
address.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from uuid import UUID

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from serving.dependencies import FOREIGN_PAGE, is_own_origin
from serving.problems import problem
from serving.services import Services
from serving.sockets.hub import Hub
from serving.sockets.proof import Proof, ask, brought, identify
from serving.sockets.talk import Guest, Talk, as_proof, hear

log = structlog.get_logger(__name__)

FIRST_MESSAGE_SECONDS = 10
LONGEST_PROOF = 4096
CLOSE_CODES = {401: 4401, 403: 1008, 404: 4404, 422: 1008, 429: 1013, 503: 1013}
"""How a socket ends whose request would have ended with this status. 4401: come again with another proof."""

Enter = Callable[[Guest], Awaitable[Talk]]
"""Makes the conversation for a guest; may refuse it with `HTTPException`."""


async def receive(websocket: WebSocket, name: str, channel: str, understand: Callable[[WebSocket], Enter]) -> None:
    """Let a socket in or refuse it, and talk until it ends.

    Args:
        websocket: as it knocks.
        name: of the operation, for limits and the log.
        channel: whose notifications wake it.
        understand: reads the address; raises 422 when it cannot.
    """
    held: Services = websocket.app.state.services
    hub: Hub = websocket.app.state.hub
    with ExitStack() as place:

        async def seated(proof: Proof) -> Talk:
            account_id = await ask(hub, partial(identify, held, proof))
            held.limiter.spend(name, str(account_id))
            place.close()  # of the stranger
            seat = place.enter_context(hub.seat(account_id, channel))
            return await enter(Guest(websocket, held, hub, seat, proof))

        try:
            enter = understand(websocket)
            proof = _brought(websocket, held)
            if proof is None:
                place.enter_context(hub.seat(None, channel))
            talk = await seated(proof) if proof else None
        except HTTPException as error:
            refusal = problem(websocket, error.status_code, error.detail, headers=dict(error.headers or {}))
            await websocket.send_denial_response(refusal)
            return
        await websocket.accept()
        try:
            await _converse(talk or await seated(await _first_message(websocket)), name)
        except HTTPException as error:
            await websocket.close(CLOSE_CODES[error.status_code], error.detail)
        except WebSocketDisconnect:
            return


def not_as_it_should_be(error: ValidationError) -> HTTPException:
    """The refusal of an address."""
    fields = ", ".join(sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]})) or "the address"
    return HTTPException(422, f"Not as it should be: {fields}.")


def _brought(websocket: WebSocket, held: Services) -> Proof | None:
    """A browser sends its cookie whoever's page asks: that must be ours."""
    proof = brought(websocket)
    if proof and proof.cookie and not is_own_origin(websocket, held.settings):
        raise HTTPException(403, FOREIGN_PAGE)
    return proof


async def _first_message(websocket: WebSocket) -> Proof:
    try:
        async with asyncio.timeout(FIRST_MESSAGE_SECONDS):
            proof = as_proof(await hear(websocket, LONGEST_PROOF))
    except TimeoutError as error:
        raise HTTPException(401, "Sign in first.") from error
    if proof is None:
        raise HTTPException(422, 'Only {"access_token": "..."} is understood here.')
    return proof


async def _converse(talk: Talk, name: str) -> None:
    began = time.monotonic()
    account_id: UUID | None = talk.guest.seat.account_id
    try:
        await talk.run()
    finally:
        seconds = round(time.monotonic() - began, 1)
        log.info(f"{name}_closed", account_id=str(account_id), told=talk.told, seconds=seconds)
