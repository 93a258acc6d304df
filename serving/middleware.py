"""What happens to every request, whatever it asks: an id, a line in the log, a limit to its size, safe headers."""

import re
import time
from collections.abc import Mapping
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import problem
from serving.telemetry import Telemetry

log = structlog.get_logger(__name__)

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""For answers that set none of their own."""
FOREIGN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Observe:
    """Names, times and logs a request, adds safe headers, and turns an unknown error into a 500 that tells nothing."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, secure: bool) -> None:
        self.app = app
        self.telemetry = telemetry
        self.headers = SAFE_HEADERS | (
            {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if secure else {}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        request.state.request_id = given if FOREIGN_ID.fullmatch(given) else uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.state.request_id)
        started, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request.state.request_id
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("api_error", method=scope["method"], path=scope["path"])
            if status:
                raise
            await problem(request, 500, "Something went wrong here. The request id helps to find out what.")(
                scope, receive, answer
            )
        finally:
            self._note(request, status, time.perf_counter() - started)

    def _note(self, request: Request, status: int, seconds: float) -> None:
        account: UUID | None = getattr(request.state, "account_id", None)
        route = request.scope.get("route")
        endpoint = getattr(route, "path", "unmatched")
        self.telemetry.answered(request.method, endpoint, status, seconds, account)
        log.info(
            "user_action" if account else "request",
            action=getattr(route, "name", "unmatched"),
            method=request.method,
            endpoint=endpoint,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            account_id=str(account) if account else None,
        )


class BodyLimit:
    """Refuses a body that is too big: at once when it says so, else as soon as it is."""

    def __init__(self, app: ASGIApp, most: int, by_path: Mapping[str, int]) -> None:
        self.app = app
        self.most = most
        self.by_path = by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body counted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.by_path.get(scope["path"], self.most)
        declared = Headers(scope=scope).get("content-length", "0")
        too_big = declared.isdecimal() and int(declared) > most
        received = 0

        async def counted() -> Message:
            nonlocal received
            if too_big:
                raise HTTPException(413, f"At most {most:,} bytes can be sent here.")
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, f"At most {most:,} bytes can be sent here.")
            return message

        await self.app(scope, counted, send)
