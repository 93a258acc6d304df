"""People who talk with the tutor about notes of their own, over the API served by real processes."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import SHUT_RDWR
from typing import Any, Self
from uuid import UUID, uuid4

from api_world import BIOLOGY, World, build_world
from live_world import Api, serving
from psycopg import Connection
from websockets.sync.client import ClientConnection, connect

from studium.accounts.secrets import open_keys
from studium.accounts.sessions import open_session
from studium.accounts.tokens import Access, issue_access, start_family
from studium.client import SESSION_COOKIE, Client
from studium.content.ingest import ingest
from studium.content.intake import register_upload
from studium.database import pool
from studium.database.pool import Role, acting_as
from studium.settings import Settings
from studium.storage import open_store

QUESTION = "What do mitochondria release energy from?"
QUOTED = "Mitochondria release energy from glucose by aerobic respiration."
UNANSWERED = "Who won the football world cup in 1954?"
NOTES = f"""# Mitochondria

{QUOTED} They have a double membrane.

# Ribosomes

Ribosomes make proteins from amino acids in the cytoplasm of every cell.
""".encode()
LEARNERS = ("ann", "ben", "dan")


@dataclass
class ChatWorld:
    """An installation in which ann, ben and dan each have the notes; ann and ben learn biology, tom teaches it."""

    world: World

    @property
    def settings(self) -> Settings:
        return self.world.settings

    @contextmanager
    def as_api(self, name: str) -> Iterator[Connection]:
        with pool.connect(self.settings, Role.API) as connection, acting_as(connection, self.world.accounts[name]):
            yield connection

    def raw(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with pool.connect(self.settings, Role.ADMIN) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def cookie(self, name: str) -> str:
        with self.as_api(name) as connection:
            return open_session(connection, self.world.accounts[name], None, datetime.now(UTC))

    def token(self, name: str, issued: datetime | None = None) -> str:
        """An access token; `issued` sets when its 15 minutes began."""
        keys, now = open_keys(self.settings), datetime.now(UTC)
        with self.as_api(name) as connection:
            pair = start_family(connection, keys, self.world.accounts[name], now)
            if issued is None:
                return pair.access_token
            row = connection.execute("select family_id from app.token_families order by created_at desc").fetchone()
        assert row is not None
        return issue_access(keys, Access(self.world.accounts[name], row[0]), issued)

    def client(self, api: Api, name: str) -> Client:
        return Client(api.origin, access_token=self.token(name))

    def stored(self, session_id: UUID | str) -> list[tuple[str, str, str]]:
        """What the database holds of a conversation: message id, status, text."""
        rows = self.raw(
            "select client_message_id::text, status, text from app.chat_turns where session_id = %s order by number",
            session_id,
        )
        return [(row[0], row[1], row[2]) for row in rows]


def build_chat_world(settings: Settings) -> ChatWorld:
    """Migrate, fill, read the notes as the pipeline does."""
    world = build_world(settings)
    store, documents = open_store(settings), []
    for name in LEARNERS:
        account_id = world.accounts[name]
        with pool.connect(settings, Role.API) as connection, acting_as(connection, account_id):
            documents.append(register_upload(store, connection, account_id, "notes.md", NOTES, title="My notes"))

    @contextmanager
    def pipeline() -> Iterator[Connection]:
        with pool.connect(settings, Role.PIPELINE) as connection:
            yield connection

    assert ingest(pipeline, store, settings, documents).ready == len(LEARNERS)
    return ChatWorld(world)


def kill(api: Api) -> None:
    """As a machine does that has no memory left."""
    os.kill(api.process.pid, signal.SIGKILL)
    api.process.wait(20)


@dataclass
class Tab:
    """A reader that keeps what it is told by the rule of docs/chat.md, over as many sockets as it takes."""

    session_id: str | None = None
    position: str | None = None
    texts: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    socket: ClientConnection | None = None
    _place: ExitStack = field(default_factory=ExitStack)

    def open(self, api: Api, *, cookie: str | None = None, token: str | None = None, **options: Any) -> Self:
        """Come, or come back."""
        headers = options.pop("additional_headers", {})
        if cookie:
            headers |= {"Cookie": f"{SESSION_COOKIE}={cookie}"}
            options.setdefault("origin", api.origin)
        if token:
            headers |= {"Authorization": f"Bearer {token}"}
        asked = f"session_id={self.session_id}" if self.session_id else f"course_id={BIOLOGY}"
        asked += f"&after={self.position}" if self.position else ""
        query = options.pop("query", f"?{asked}")
        address = f"ws://127.0.0.1:{api.port}/api/v1/chat{query}"
        self._place = ExitStack()
        self.socket = self._place.enter_context(connect(address, additional_headers=headers, max_size=None, **options))
        return self

    def __enter__(self) -> Self:
        assert self.take()["kind"] == "connected"
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self, *, goodbye: bool = True) -> None:
        assert self.socket is not None
        if not goodbye:
            self.socket.socket.shutdown(SHUT_RDWR)
        self._place.close()

    def say(self, content: str, client_message_id: str | None = None) -> str:
        """Ask; returns the message's id."""
        assert self.socket is not None
        message_id = client_message_id or str(uuid4())
        said = {"kind": "message", "content": content, "client_message_id": message_id}
        self.socket.send(json.dumps(said))
        return message_id

    def take(self, timeout: float = 30) -> dict[str, Any]:
        """The next frame that is no heartbeat, kept."""
        assert self.socket is not None
        deadline = time.monotonic() + timeout
        while True:
            frame: dict[str, Any] = json.loads(self.socket.recv(max(0.0, deadline - time.monotonic())))
            self.told.append(frame["kind"])
            self.position = frame.get("position", self.position)
            if frame["kind"] != "heartbeat":
                self._keep(frame)
                return frame

    def _keep(self, frame: dict[str, Any]) -> None:
        turn_id = frame.get("turn_id", "")
        match frame["kind"]:
            case "connected":
                self.session_id = frame["session_id"]
            case "message":
                assert turn_id not in self.asked, "told twice"
                self.asked[turn_id] = frame["client_message_id"]
            case "streaming":
                self.texts[turn_id] = self.texts.get(turn_id, "")[: frame["offset"]] + frame["chunk"]
            case "done":
                assert turn_id not in self.done, "told twice"
                self.done[turn_id] = frame
            case "error":
                self.errors.append(frame)

    def until_done(self, number: int = 1, timeout: float = 30) -> dict[str, Any]:
        """Take frames until so many turns are over; the last one's end."""
        while len(self.done) < number:
            self.take(timeout)
        return list(self.done.values())[-1]

    def holds(self) -> list[tuple[str, str, str]]:
        """What this reader has of the conversation, as `ChatWorld.stored` says it."""
        return [
            (message_id, self.done[turn_id]["status"], self.texts.get(turn_id, ""))
            for turn_id, message_id in self.asked.items()
        ]


__all__ = ["ChatWorld", "Tab", "build_chat_world", "kill", "serving"]
