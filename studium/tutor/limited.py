"""HTTP for models' servers: no redirect is followed, and no answer is read for ever, however its bytes are cut."""

from collections.abc import AsyncIterator

import httpx2

from studium.tutor.streams import StreamError

MOST_BYTES = 4 * 1024 * 1024
"""Some 10,000 events of one token each."""


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise StreamError("did not come to an end", is_worth_another=False)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _limit(response: httpx2.Response) -> None:
    assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - an asynchronous client has no other
    response.stream = _Limited(response.stream)


def limited_client() -> httpx2.AsyncClient:
    """A client without a clock of its own: `streams` has one. No connection outlives its answer."""
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.AsyncClient(event_hooks={"response": [_limit]}, limits=limits, timeout=None)
