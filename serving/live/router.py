"""The live socket: the events of one's courses as they happen, from whichever process one is connected to.

A browser comes with its session and is let in from our own pages alone; a program comes with its access token, in the
`Authorization` header or as its first message, which may be sent again to renew it. Never in the address.
"""

import asyncio
import time
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from serving.dependencies import FOREIGN_PAGE, is_own_origin
from serving.live.hub import Hub, Seat
from serving.live.reading import Proof, identify
from serving.live.talk import Talk, ask, hear_proof
from serving.problems import problem
from serving.services import Services
from studium.client import SESSION_COOKIE
from studium.wire.live import CourseKeyText

router = APIRouter(tags=["live"])
log = structlog.get_logger(__name__)

FIRST_MESSAGE_SECONDS = 10
CLOSE_CODES = {401: 4401, 403: 1008, 422: 1008, 429: 1013, 503: 1013}
"""How a socket ends whose request would have ended with this status. 4401: come again with another proof."""


class Wanted(BaseModel):
    """What the address asks for."""

    after: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    course_id: Annotated[list[CourseKeyText], Field(max_length=100)] = []


@router.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Tell what happens: from now on, or after the event `?after=`; of all one's courses, or of each `?course_id=`."""
    held: Services = websocket.app.state.services
    hub: Hub = websocket.app.state.live
    with ExitStack() as place:
        try:
            wanted = _wanted(websocket)
            proof = _brought(websocket, held)
            seat = place.enter_context(await _seated(held, hub, proof))
        except HTTPException as error:
            refusal = problem(websocket, error.status_code, error.detail, headers=dict(error.headers or {}))
            await websocket.send_denial_response(refusal)
            return
        await websocket.accept()
        try:
            if proof is None:
                proof = await _first_message(websocket)
                place.close()
                seat = place.enter_context(await _seated(held, hub, proof))
            await _talk(Talk(websocket, held, hub, seat, proof), wanted)
        except HTTPException as error:
            await websocket.close(CLOSE_CODES[error.status_code], error.detail)
        except WebSocketDisconnect:
            return


def _wanted(websocket: WebSocket) -> Wanted:
    query = websocket.query_params
    asked = {name: query[name] for name in ("after",) if name in query}
    try:
        return Wanted.model_validate({**asked, "course_id": query.getlist("course_id")})
    except ValidationError as error:
        fields = ", ".join(sorted({str(each["loc"][0]) for each in error.errors()}))
        raise HTTPException(422, f"Not as it should be: {fields}.") from error


def _brought(websocket: WebSocket, held: Services) -> Proof | None:
    """The proof that came with the handshake. A browser sends its cookie whoever's page asks: that must be ours."""
    scheme, token = get_authorization_scheme_param(websocket.headers.get("authorization"))
    if scheme.lower() == "bearer" and token:
        return Proof(token=token)
    cookie = websocket.cookies.get(SESSION_COOKIE)
    if cookie and not is_own_origin(websocket, held.settings):
        raise HTTPException(403, FOREIGN_PAGE)
    return Proof(cookie=cookie) if cookie else None


async def _seated(held: Services, hub: Hub, proof: Proof | None) -> AbstractContextManager[Seat]:
    account_id: UUID | None = None
    if proof is not None:
        account_id = await ask(hub, partial(identify, held, proof))
        held.limiter.spend("live", str(account_id))
    return hub.seat(account_id)


async def _first_message(websocket: WebSocket) -> Proof:
    try:
        async with asyncio.timeout(FIRST_MESSAGE_SECONDS):
            return await hear_proof(websocket)
    except TimeoutError as error:
        raise HTTPException(401, "Sign in first.") from error


async def _talk(talk: Talk, wanted: Wanted) -> None:
    began = time.monotonic()
    try:
        await talk.run(wanted.after, wanted.course_id or None)
    finally:
        seconds = round(time.monotonic() - began, 1)
        log.info("live_closed", account_id=str(talk.seat.account_id), told=talk.told, seconds=seconds)
