"""One model's answer as it comes, within bounds of time and length, whichever provider it is of.

Providers' own timeouts differ, and watch bytes rather than words. Here one clock watches, and a call that is over, or
left, is cancelled: its connection closes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_core.messages.ai import UsageMetadata

    Came = AIMessageChunk | BaseException | None

LOOK_SECONDS = 1.0
"""Who reads gets a sign this often while nothing comes, so that a turn that was stopped ends."""
ENDED = ("finish_reason", "stop_reason", "done_reason")
"""What providers call the reason an answer is over; without any, it was cut off."""

TOO_LONG = frozenset({"length", "max_tokens"})


class StreamError(Exception):
    """The answer did not come, or not to its end; the message says why, in a few words."""

    def __init__(self, why: str, *, is_worth_another: bool, wait: float | None = None) -> None:
        super().__init__(why)
        self.is_worth_another = is_worth_another
        self.wait = wait
        """Seconds the server asks to wait."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long an answer may take: to its first chunk, between two, in all; and how many characters it may have."""

    first_seconds: float
    gap_seconds: float
    total_seconds: float
    characters: int


@dataclass(slots=True)
class Heard:
    """What has come of one answer."""

    text: str = ""
    usage: "UsageMetadata | None" = None
    end: str | None = None
    has_begun: bool = field(default=False)

    def take(self, chunk: "AIMessageChunk") -> str:
        """The chunk's words."""
        from langchain_core.messages.ai import add_usage

        self.has_begun = True
        words = str(chunk.text)
        self.text += words
        if chunk.usage_metadata:
            self.usage = add_usage(self.usage, chunk.usage_metadata)
        self.end = next(
            (str(chunk.response_metadata[name]) for name in ENDED if chunk.response_metadata.get(name)), self.end
        )
        return words


def listen(model: "BaseChatModel", messages: "list[BaseMessage]", bounds: Bounds, heard: Heard) -> Iterator[str]:
    """The words of an answer; empty ones once a second while none come. Raises `StreamError`."""
    came: SimpleQueue[Came] = SimpleQueue()
    reading = asyncio.run_coroutine_threadsafe(_pump(model, messages, bounds, came.put), _loop())
    try:
        while True:
            try:
                one = came.get(timeout=LOOK_SECONDS)
            except Empty:
                yield ""
                continue
            if isinstance(one, BaseException):
                raise _told(one) from one
            if one is None:
                break
            yield heard.take(one)
    finally:
        reading.cancel()
    if heard.end is None:
        raise StreamError("was cut off", is_worth_another=True)
    if heard.end in TOO_LONG:
        raise StreamError("came to its longest length", is_worth_another=False)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="models", daemon=True).start()
    return loop


async def _pump(
    model: "BaseChatModel",
    messages: "list[BaseMessage]",
    bounds: Bounds,
    tell: "Callable[[Came], None]",
) -> None:
    from langsmith import tracing_context

    try:
        # whatever the environment says, conversations are told to nobody but the model's own server
        with tracing_context(enabled=False):
            async with asyncio.timeout(bounds.total_seconds):
                await _read(model.astream(messages), bounds, tell)
        tell(None)
    except Exception as error:  # providers raise what they like; the reader is to hear of it
        tell(error)


async def _read(stream: "AsyncIterator[AIMessageChunk]", bounds: Bounds, tell: "Callable[[Came], None]") -> None:
    length, seconds = 0, bounds.first_seconds
    async with aclosing(cast("AsyncGenerator[AIMessageChunk, None]", stream)):
        while True:
            async with asyncio.timeout(seconds):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            seconds = bounds.gap_seconds
            length += len(chunk.text)
            if chunk.text or chunk.usage_metadata or chunk.response_metadata:
                tell(chunk)
            if length > bounds.characters:
                raise StreamError("did not come to an end", is_worth_another=False)


def _told(error: BaseException) -> StreamError:
    """What went wrong, and whether the same model may do better the next time. Every provider has its own classes."""
    if isinstance(error, StreamError):
        return error
    if isinstance(error, TimeoutError):
        return StreamError("took too long", is_worth_another=False)
    status: Any = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return StreamError(f"could not be understood or reached ({type(error).__name__})", is_worth_another=True)
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    is_passing = status in (408, 409, 429) or status >= 500  # noqa: PLR2004
    return StreamError(f"answered {status}", is_worth_another=is_passing, wait=_seconds(headers.get("retry-after")))


def _seconds(said: str | None) -> float | None:
    try:
        return max(0.0, float(said)) if said else None
    except ValueError:
        return None  # a date: the usual wait will do


def listed(text: str, things: str) -> list[Any]:
    """The JSON list of `things` in a reply.

    Raises:
        StreamError: there is none; another try may write one.
    """
    start, end = text.find("["), text.rfind("]")
    try:
        found = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except ValueError as error:
        raise StreamError(f"wrote no list of {things}", is_worth_another=True) from error
    if not isinstance(found, list):
        raise StreamError(f"wrote no list of {things}", is_worth_another=True)
    return found
