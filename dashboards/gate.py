"""Who may open a page: people with a living session, from our own address.

Here belong the redirect to the sign-in, the refusal of sockets, and the headers that keep a page from asking other
hosts. What a person may see is the API's to decide, on every call.
"""

from urllib.parse import quote, urlsplit

import httpx2 as httpx
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studium.client import SESSION_COOKIE

# Streamlit's own scripts, fonts and icons: the same for everybody, and some are fetched without a cookie.
PUBLIC_PREFIXES = ("/static/", "/_stcore/health", "/favicon", "/manifest.json")

# Streamlit sets styles from scripts, compiles parts of its front end to WebAssembly, and imports from a blob what a
# component brings; all of it is ours to serve.
CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' blob: 'unsafe-inline' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    ]
)
PAGE_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


class PageGate:
    """ASGI middleware round the pages; asks the API whether the cookie's session lives."""

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self.app = app
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://localhost")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or send the person to the sign-in."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if scope["type"] == "websocket":
            if is_own_origin(connection) and await self._has_session(connection):
                await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": "sign in first"})
            return
        send = _with_headers(send)
        if scope["path"].startswith(PUBLIC_PREFIXES) or await self._may_fetch(connection):
            await self.app(scope, receive, send)
        else:
            await refusal(connection)(scope, receive, send)

    async def _may_fetch(self, connection: HTTPConnection) -> bool:
        """Pages and files made for a person need a living session; the rest that a page fetches needs a cookie."""
        if wants_page(connection) or connection.url.path.startswith("/media/"):
            return await self._has_session(connection)
        return SESSION_COOKIE in connection.cookies

    async def _has_session(self, connection: HTTPConnection) -> bool:
        """Whether the API knows the session; an API in trouble is for the page to tell, which is empty without it."""
        cookie = connection.cookies.get(SESSION_COOKIE)
        if not cookie:
            return False
        answer = await self.client.get("/api/v1/auth/me", headers={"cookie": f"{SESSION_COOKIE}={cookie}"})
        return answer.status_code != httpx.codes.UNAUTHORIZED


def is_own_origin(connection: HTTPConnection) -> bool:
    """Whether the browser says that one of our own pages opens the socket; programs send no origin."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def wants_page(connection: HTTPConnection) -> bool:
    """Whether a person opens a page, rather than a page fetching something."""
    return "text/html" in connection.headers.get("accept", "")


def refusal(connection: HTTPConnection) -> Response:
    """The sign-in for a person who opens a page, a plain 401 for what a page fetches."""
    if wants_page(connection):
        url = connection.url
        wanted = url.path + (f"?{url.query}" if url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(wanted, safe='/')}", status_code=303)
    return PlainTextResponse("Sign in first.", status_code=401)


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in PAGE_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return wrapped
