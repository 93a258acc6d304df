"""The typed client's calls for conversations: kept, found, and carried on as the answer is written."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal
from uuid import UUID, uuid4

from studium.api_errors import Unavailable, by_status
from studium.wire.base import Page, Problem
from studium.wire.chat import (
    FRAME,
    Asked,
    ChatChange,
    ChatError,
    ChatHeartbeat,
    ChatMessage,
    ChatSession,
    ChatTurn,
    Done,
    Mode,
    NewChat,
    Streaming,
)

if TYPE_CHECKING:
    from studium.client import Client

PATH = "/chat/sessions"
BROKEN_OFF = "The answer broke off"
STREAM_SECONDS = 30.0
"""How long nothing may come; a stream has its heartbeats."""
PAUSES = (0.2, 1.0, 3.0)
"""Before a broken stream is taken up again."""


class Chats:
    """Conversations with the tutor, as `Client.chats`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def create(self, course_id: str, title: str | None = None, mode: Mode = "answer") -> ChatSession:
        """Begin a conversation with the tutor of a course."""
        body = NewChat(course_id=course_id, title=title, mode=mode).model_dump()
        return ChatSession.model_validate_json(self._client.send("POST", PATH, json=body).content)

    def list(
        self, *, course_id: str | None = None, q: str | None = None, after: str | None = None, limit: int = 50
    ) -> Page[ChatSession]:
        """One's own conversations, the one that went on last first; `q` stands in their title or in what was said."""
        query = {"course_id": course_id, "q": q, "after": after, "limit": limit}
        return Page[ChatSession].model_validate_json(self._client.send("GET", PATH, params=query).content)

    def read(self, session_id: UUID) -> ChatSession:
        """One conversation."""
        return ChatSession.model_validate_json(self._client.send("GET", f"{PATH}/{session_id}").content)

    def change(self, session_id: UUID, *, title: str | None = None, mode: Mode | None = None) -> ChatSession:
        """Give a conversation another name, or have its questions met in another mode from now on."""
        body = ChatChange(title=title, mode=mode).model_dump()
        return ChatSession.model_validate_json(self._client.send("PATCH", f"{PATH}/{session_id}", json=body).content)

    def delete(self, session_id: UUID) -> None:
        """Remove a conversation with all that was said."""
        self._client.send("DELETE", f"{PATH}/{session_id}")

    def turns(self, session_id: UUID, *, after: str | None = None, limit: int = 50) -> Page[ChatTurn]:
        """What was asked and answered, in order."""
        answer = self._client.send("GET", f"{PATH}/{session_id}/turns", params={"after": after, "limit": limit})
        return Page[ChatTurn].model_validate_json(answer.content)

    def export(self, session_id: UUID, format: Literal["md", "json"] = "md") -> bytes:  # noqa: A002 - its name
        """A whole conversation as a file (UTF-8)."""
        return self._client.send("GET", f"{PATH}/{session_id}/export", params={"format": format}).content

    def send(
        self,
        session_id: UUID,
        content: str,
        client_message_id: UUID | None = None,
        *,
        mode: Mode | None = None,
        follows: UUID | None = None,
    ) -> ChatTurn:
        """Ask, and wait for the answer. A `client_message_id` sent again is the same question, not a second one.

        Args:
            session_id: the conversation.
            content: what is said.
            client_message_id: the message's own name.
            mode: for this message alone; None: the conversation's.
            follows: the turn to whose question the next hint is wanted.
        """
        last = None
        frames = self.stream(session_id, content, client_message_id, mode=mode, follows=follows)
        for last in frames:  # noqa: B007 - its end is what matters
            pass
        assert last is not None  # noqa: S101 - a stream ends with its `Done`
        return self.turn(session_id, last.turn_id)

    def turn(self, session_id: UUID, turn_id: UUID) -> ChatTurn:
        """One question and its answer."""
        return ChatTurn.model_validate_json(self._client.send("GET", f"{PATH}/{session_id}/turns/{turn_id}").content)

    def stream(
        self,
        session_id: UUID,
        content: str,
        client_message_id: UUID | None = None,
        *,
        mode: Mode | None = None,
        follows: UUID | None = None,
    ) -> Iterator[Asked | Streaming | Done]:
        """Ask as with `send`, and take the answer as it is written, up to its `Done`.

        A connection that breaks is opened again, and what follows goes on where it broke. Of what was taken, keep
        `offset` characters before adding a `chunk`.
        """
        named = client_message_id or uuid4()
        message = ChatMessage(content=content, client_message_id=named, mode=mode, follows=follows)
        position, broken = None, 0
        while True:
            try:
                for frame in self._frames(f"{PATH}/{session_id}/messages", message, position):
                    position, broken = frame.position, 0
                    if not isinstance(frame, ChatHeartbeat):
                        yield frame
                    if isinstance(frame, Done):
                        return
                raise Unavailable(Problem(title=BROKEN_OFF, status=503))
            except Unavailable:
                broken += 1
                if broken > len(PAUSES):
                    raise
                time.sleep(PAUSES[broken - 1])

    def _frames(
        self, path: str, body: ChatMessage, after: str | None
    ) -> Iterator[Asked | Streaming | Done | ChatHeartbeat]:
        for data in self._client.events(path, body, {"Last-Event-ID": after} if after else {}, STREAM_SECONDS):
            frame = FRAME.validate_json(data)
            if isinstance(frame, ChatError):
                raise by_status(Problem(title=BROKEN_OFF, status=frame.code, detail=frame.detail))
            if isinstance(frame, Asked | Streaming | Done | ChatHeartbeat):
                yield frame

    def stop(self, session_id: UUID, turn_id: UUID) -> ChatTurn:
        """Have no more of an answer written."""
        answer = self._client.send("POST", f"{PATH}/{session_id}/turns/{turn_id}/stop")
        return ChatTurn.model_validate_json(answer.content)
