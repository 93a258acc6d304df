"""The gate round the pages: no page without a living session, no socket from elsewhere."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboards.gate import PageGate
from studium.client import SESSION_COOKIE

SOCKET = "/_stcore/stream"
HTML = {"accept": "text/html,application/xhtml+xml"}


async def me(request: Request) -> JSONResponse:
    status = {"living": 200, "limited": 429, "broken": 500}.get(request.cookies.get(SESSION_COOKIE, ""), 401)
    return JSONResponse({}, status)


async def page(_: Request) -> PlainTextResponse:
    return PlainTextResponse("a page")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


@pytest.fixture
def client() -> TestClient:
    api = Starlette(routes=[Route("/api/v1/auth/me", me)])
    routes = [WebSocketRoute(SOCKET, socket), Route("/{path:path}", page)]
    pages = Starlette(routes=routes, middleware=[Middleware(PageGate, api=api)])
    return TestClient(pages, follow_redirects=False)


def wear(client: TestClient, session: str | None) -> TestClient:
    if session:
        client.cookies.set(SESSION_COOKIE, session)
    return client


@pytest.mark.parametrize("session", [None, "ended"])
def test_a_page_sends_people_to_the_sign_in_and_back(client: TestClient, session: str | None) -> None:
    answer = wear(client, session).get("/learner?learner=moodle:7", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/learner%3Flearner%3Dmoodle%3A7"


@pytest.mark.parametrize("session", ["living", "limited", "broken"])
def test_a_page_opens_unless_the_session_is_over(client: TestClient, session: str) -> None:
    answer = wear(client, session).get("/", headers=HTML)
    assert answer.status_code == 200


def test_a_page_may_ask_no_other_host(client: TestClient) -> None:
    policy = wear(client, "living").get("/", headers=HTML).headers["content-security-policy"]
    assert "http:" not in policy
    assert "https:" not in policy
    assert "*" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["/media/export.csv", "/_stcore/host-config"])
def test_what_a_page_fetches_needs_the_cookie(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401
    assert wear(client, "living").get(path).status_code == 200


def test_a_file_made_for_a_person_needs_a_living_session(client: TestClient) -> None:
    assert wear(client, "ended").get("/media/export.csv").status_code == 401


def test_scripts_and_fonts_are_everybodys(client: TestClient) -> None:
    assert client.get("/static/js/index.js").status_code == 200


@pytest.mark.parametrize(
    ("session", "origin"),
    [
        (None, "http://testserver"),
        ("ended", "http://testserver"),
        ("living", "http://elsewhere.test"),
        ("living", "null"),
    ],
)
def test_a_socket_is_refused(client: TestClient, session: str | None, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        wear(client, session).websocket_connect(SOCKET, headers={"origin": origin}),
    ):
        pass
    assert refused.value.code == 1008


@pytest.mark.parametrize("headers", [{"origin": "http://testserver"}, {}])
def test_a_socket_of_our_own_page_opens(client: TestClient, headers: dict[str, str]) -> None:
    with wear(client, "living").websocket_connect(SOCKET, headers=headers) as opened:
        assert opened.receive_text() == "hello"
