"""One socket's conversation: tells and hears at once, takes renewed proofs, ends when the right to listen does."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from serving.services import Services
from serving.sockets.hub import Hub, Seat
from serving.sockets.proof import Proof, ask, identify
from studium.wire.base import Wire
from studium.wire.live import LiveProof

HEARTBEAT_SECONDS = 20.0


async def hear(websocket: WebSocket, longest: int) -> str:
    """The next message; one that is too long, or no text, is refused."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str = message.get("text") or ""
    if len(text) > longest:
        raise HTTPException(422, "This message is too long.")
    return text


def as_proof(text: str) -> Proof | None:
    """The token a message brings, if it is one."""
    try:
        return Proof(token=LiveProof.model_validate_json(text).access_token)
    except ValidationError:
        return None


@dataclass
class Guest:
    """A socket that was let in, and whose owner is known."""

    websocket: WebSocket
    held: Services
    hub: Hub
    seat: Seat
    proof: Proof


class Talk(ABC):
    """What is told to a guest and heard from them."""

    longest_message = 4096

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.told = 0

    async def run(self) -> None:
        """Talk until one side leaves, or the owner may no longer listen (raises `HTTPException`)."""
        halves = [asyncio.create_task(self.tell()), asyncio.create_task(self._hear())]
        try:
            done, _ = await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
            await asyncio.gather(*halves, return_exceptions=True)
        for half in done:
            half.result()

    @abstractmethod
    async def tell(self) -> None:
        """Tell what there is, and then what comes."""

    @abstractmethod
    async def heard(self, text: str) -> None:
        """Do as the guest says; a message that is no proof."""

    async def say(self, message: Wire) -> None:
        """Tell one thing."""
        await self.guest.websocket.send_text(message.model_dump_json())
        self.told += 1

    async def _hear(self) -> None:
        guest = self.guest
        while True:
            text = await hear(guest.websocket, self.longest_message)
            proof = as_proof(text)
            if proof is None:
                await self.heard(text)
                continue
            account_id: UUID = await ask(guest.hub, partial(identify, guest.held, proof))
            if account_id != guest.seat.account_id:
                raise HTTPException(422, "This token belongs to another account.")
            guest.proof = proof
