"""The live socket: the events of one's courses as they happen, from whichever process one is connected to."""

from typing import Annotated

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, Field, ValidationError

from serving.live.talk import LiveTalk
from serving.sockets import door
from serving.sockets.talk import Guest
from studium.live import CHANNEL
from studium.wire.live import CourseKeyText

router = APIRouter(tags=["live"])


class Wanted(BaseModel):
    """What the address asks for."""

    after: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    course_id: Annotated[list[CourseKeyText], Field(max_length=100)] = []


@router.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Tell what happens: from now on, or after the event `?after=`; of all one's courses, or of each `?course_id=`."""
    await door.receive(websocket, "live", CHANNEL, _understand)


def _understand(websocket: WebSocket) -> door.Enter:
    query = websocket.query_params
    asked = {name: query[name] for name in ("after",) if name in query}
    try:
        wanted = Wanted.model_validate({**asked, "course_id": query.getlist("course_id")})
    except ValidationError as error:
        raise door.not_as_it_should_be(error) from error

    async def enter(guest: Guest) -> LiveTalk:
        return LiveTalk(guest, wanted.after, wanted.course_id or None)

    return enter
