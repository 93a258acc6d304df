"""The chat socket: questions in, answers out as they come, from whichever process one is connected to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, WebSocket
from psycopg import Connection
from pydantic import BaseModel, Field, ValidationError, model_validator
from starlette.exceptions import HTTPException

from serving.chat.reader import Reader
from serving.chat.turns import Turns
from serving.dependencies import require_member
from serving.sockets import door
from serving.sockets.proof import ask, who
from serving.sockets.talk import Guest, Talk
from studium.tutor import conversation
from studium.tutor.conversation import CHANNEL, BusyError, ConflictError, NoSuchChatError
from studium.tutor.telling import Position, bounded, read_position
from studium.wire.base import COURSE_KEY
from studium.wire.chat import SAID, ChatError, Connected, NewChat, SayMessage, SayStop

router = APIRouter(tags=["chat"])
STATUS = {NoSuchChatError: 404, ConflictError: 409, BusyError: 429}
NOT_UNDERSTOOD = "This is not understood here."
LONGEST_FRAME = 16 * 1024


class Wanted(BaseModel):
    """What the address asks for: a conversation to go on with, or the course of a new one."""

    session_id: UUID | None = None
    course_id: Annotated[str, Field(pattern=COURSE_KEY)] | None = None
    after: Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}\.[0-9]{1,9})?$")] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Wanted":
        if (self.session_id is None) == (self.course_id is None):
            raise ValueError("name a conversation or a course")
        return self


@router.websocket("/chat")
async def chat(websocket: WebSocket) -> None:
    """Go on with the conversation `?session_id=`, after a position, or begin one in the course `?course_id=`."""
    await door.receive(websocket, "chat", CHANNEL, _understand)


def _understand(websocket: WebSocket) -> door.Enter:
    try:
        wanted = Wanted.model_validate(dict(websocket.query_params))
    except ValidationError as error:
        raise door.not_as_it_should_be(error) from error

    async def enter(guest: Guest) -> "ChatTalk":
        session_id, position = await ask(guest.hub, partial(_place, guest, wanted))
        guest.seat.topic = str(session_id)
        turns: Turns = guest.websocket.app.state.turns
        reader = Reader(guest.held, guest.hub, turns, guest.seat, session_id, position, prove=lambda: guest.proof)
        return ChatTalk(guest, reader)

    return enter


def _place(guest: Guest, wanted: Wanted) -> tuple[UUID, Position]:
    """The conversation, and what its reader knows: nothing given, all but what is still to be answered."""
    with guest.held.pool.connection(timeout=5) as connection:
        caller = who(connection, guest.held, guest.proof)
        if wanted.session_id is None:
            assert wanted.course_id is not None  # noqa: S101 - one of both is there
            require_member(connection, wanted.course_id)
            new = NewChat(course_id=wanted.course_id)
            return conversation.begin(connection, caller.account_id, new).session_id, Position()
        _read(connection, wanted.session_id)
        newest, settled = conversation.newest(connection, wanted.session_id)
    position = Position(settled) if wanted.after is None else bounded(read_position(wanted.after), newest)
    return wanted.session_id, position


def _read(connection: Connection, session_id: UUID) -> None:
    try:
        conversation.read(connection, session_id)
    except NoSuchChatError as error:
        raise HTTPException(404, str(error)) from error


@dataclass
class _Refused(Exception):  # noqa: N818 - never leaves this module
    code: int
    detail: str
    retry_after: int | None = None


class ChatTalk(Talk):
    """One tab's share of a conversation."""

    longest_message = LONGEST_FRAME

    def __init__(self, guest: Guest, reader: Reader) -> None:
        super().__init__(guest)
        self.reader = reader

    async def tell(self) -> None:
        """What the tab does not know yet, and what comes."""
        reader = self.reader
        await self.say(Connected(session_id=reader.session_id, position=str(reader.position)))
        async for frame in reader.follow():
            await self.say(frame)

    async def heard(self, text: str) -> None:
        """Do as the tab says; what cannot be done is said, and the conversation goes on."""
        self.guest.held.limiter.spend("chat_frame", str(self.guest.seat.account_id))
        try:
            said = SAID.validate_json(text)
        except ValidationError as error:
            await self.say(ChatError(code=422, detail=_why(error)))
            return
        try:
            await (self._ask(said) if isinstance(said, SayMessage) else self._stop(said))
        except _Refused as refused:
            if refused.code == HTTPStatus.NOT_FOUND and isinstance(said, SayMessage):
                raise HTTPException(404, refused.detail) from refused  # there is nothing left to talk in
            named = said.client_message_id if isinstance(said, SayMessage) else None
            await self.say(
                ChatError(
                    code=refused.code, detail=refused.detail, client_message_id=named, retry_after=refused.retry_after
                )
            )

    async def _ask(self, said: SayMessage) -> None:
        account_id = self.guest.seat.account_id
        assert account_id is not None  # noqa: S101 - a guest is known
        try:
            self.guest.held.limiter.spend("send_message", str(account_id))
        except HTTPException as error:
            raise _Refused(429, error.detail, int((error.headers or {})["Retry-After"])) from error
        await self._do(lambda connection: conversation.say(connection, self.reader.session_id, said))
        self.reader.turns.take(self.reader.session_id, account_id)

    async def _stop(self, said: SayStop) -> None:
        await self._do(lambda connection: conversation.stop(connection, self.reader.session_id, said.turn_id))

    async def _do(self, work: Callable[[Connection], object]) -> None:
        def done() -> None:
            with self.guest.held.pool.connection(timeout=5) as connection:
                who(connection, self.guest.held, self.guest.proof)
                work(connection)

        try:
            await ask(self.guest.hub, done)
        except conversation.ConversationError as error:
            raise _Refused(STATUS[type(error)], str(error)) from error


def _why(error: ValidationError) -> str:
    """What is wrong with a message, without what it said."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("message", "stop"))
    return f"{NOT_UNDERSTOOD[:-1]}: {field}: {first['msg']}." if field else NOT_UNDERSTOOD
