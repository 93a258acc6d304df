"""What every answer has, and how the API says that something is wrong."""

import json
import re
from collections.abc import Callable, Iterator

import psycopg
import pytest
import structlog
from api_world import BIOLOGY, PASSWORD, World
from fastapi import FastAPI
from psycopg_pool import PoolTimeout
from starlette.testclient import TestClient

from serving.app import create_app
from serving.dependencies import transaction
from serving.openapi import operations
from studium.client import Client, TooManyRequests, Unavailable
from studium.database.pool import Role, connect

Headers = Callable[[str], dict[str, str]]


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status"),
    [
        ("GET", "/api/v1/nothing", {}, 404),
        ("DELETE", "/api/v1/courses", {}, 405),
        ("POST", "/api/v1/auth/login", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422),
        ("POST", "/api/v1/auth/login", {"json": {"email": "a", "password": "b", "admin": True}}, 422),
        ("POST", "/api/v1/auth/login", {"json": {"email": "a\0", "password": "b"}}, 422),
        ("POST", "/api/v1/auth/login", {"content": b'{"email": "\\ud800", "password": "b"}'}, 422),
        ("POST", "/api/v1/auth/login", {"json": {"email": "a", "password": "b" * 2000}}, 422),
        ("POST", "/api/v1/auth/login", {"content": b"x" * 300_000}, 413),
        ("GET", "/api/v1/courses/nonsense", {}, 401),
        ("GET", "/api/v1/auth/me", {"headers": {"Authorization": "Bearer nonsense"}}, 401),
        ("GET", "/api/v1/auth/me", {"headers": {"Authorization": "Basic YTpi"}}, 401),
        ("GET", "/api/v1/auth/me", {"headers": {"Cookie": "studium_session=nonsense"}}, 401),
    ],
)
def test_a_problem_is_said_in_one_form(
    api: TestClient, method: str, path: str, arguments: dict[str, object], status: int
) -> None:
    answer = api.request(method, path, **arguments)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["instance"]) == (status, path)
    assert problem["request_id"] == answer.headers["x-request-id"]
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path",
    [
        "courses/nonsense",
        "courses?limit=0",
        "courses?limit=201",
        "courses?after=nonsense",
        "search",
        "search?q=",
        "search?q=%00",
        "search?q=a&limit=51",
        f"search?q={'a' * 501}",
        "uploads/nonsense",
        f"courses/{BIOLOGY}/leaderboard?period=year",
        f"courses/{BIOLOGY}/progress?learner_id=nonsense",
        "imports?after=W10",
    ],
)
def test_what_cannot_be_meant_is_422(api: TestClient, headers: Headers, path: str) -> None:
    answer = api.get(f"/api/v1/{path}", headers=headers("ann"))
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_body_that_grows_past_its_limit_is_cut_off(api: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 10_000

    assert api.post("/api/v1/auth/login", content=endless()).status_code == 413


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("secret detail of ours"), 500),
        (psycopg.OperationalError("secret detail of ours"), 503),
        (psycopg.errors.QueryCanceled("secret detail of ours"), 503),
        (PoolTimeout("secret detail of ours"), 503),
        (psycopg.errors.UndefinedTable("secret detail of ours"), 503),
        (psycopg.errors.UniqueViolation("secret detail of ours"), 500),
        (psycopg.DataError("secret detail of ours"), 422),
    ],
)
def test_nothing_of_the_inside_is_told(api: TestClient, app: FastAPI, error: Exception, status: int) -> None:
    def broken() -> None:
        raise error

    app.dependency_overrides[transaction] = broken
    try:
        with structlog.testing.capture_logs() as logged:
            answer = api.get("/api/v1/courses")
    finally:
        del app.dependency_overrides[transaction]
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret detail" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)
    assert any(entry["log_level"] in ("error", "warning") for entry in logged)
    if status == 500:
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_what_was_begun_before_an_error_is_not_kept(api: TestClient, world: World, headers: Headers) -> None:
    def events() -> object:
        with connect(world.settings, Role.ADMIN) as connection:
            return connection.execute("select count(*) from app.audit_log").fetchone()

    before, tom = events(), headers("tom")
    answer = api.get(f"/api/v1/courses/{BIOLOGY}/cohort/learners?after=nonsense", headers=tom)
    assert answer.status_code == 422
    assert events() == before


@pytest.mark.parametrize("path", ["/api/v1/courses", "/health", "/nothing", "/sign-in", "/docs", "/openapi.json"])
def test_every_answer_is_safe_to_look_at(api: TestClient, path: str) -> None:
    headers = api.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])
    assert "server" not in headers


def test_pages_ask_no_other_host_for_anything(api: TestClient) -> None:
    for path in ("/sign-in", "/docs", "/invitation/none"):
        page = api.get(path).text
        assert re.findall(r"(?:src|href|action)=\"(?!/|#|data:)[^\"]*\"", page) == []
        assert "<script" not in page


def test_a_request_id_of_the_callers_is_kept_when_it_is_one(api: TestClient) -> None:
    for sent, kept in [("trace-12345678", True), ("short", False), ("evil\tid 12345678", False)]:
        assert (api.get("/health", headers={"X-Request-ID": sent}).headers["x-request-id"] == sent) == kept


def test_big_answers_are_squeezed(api: TestClient) -> None:
    answer = api.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["info"]["title"] == "Studium"


def test_the_log_says_what_was_done_and_no_secret(api: TestClient, world: World) -> None:
    with structlog.testing.capture_logs() as logged:
        tokens = api.post("/api/v1/auth/login", json={"email": world.email("ann"), "password": PASSWORD}).json()
        api.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
        api.get("/sign-in?next=/?token=abc")
    assert [entry["event"] for entry in logged] == ["user_action", "user_action", "request"]
    assert logged[1]["account_id"] == str(world.accounts["ann"])
    assert (logged[1]["action"], logged[1]["endpoint"], logged[1]["status"]) == ("me", "/auth/me", 200)
    told = json.dumps(logged)
    for secret in (PASSWORD, tokens["access_token"], tokens["refresh_token"], world.email("ann"), "abc"):
        assert secret not in told


def test_the_contract_declares_what_can_come(app: FastAPI) -> None:
    described = app.openapi()
    ids = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(ids)) == len(ids)
    for path, method, operation in operations(described):
        answers = operation["responses"]
        for status, answer in answers.items():
            if int(status) >= 400 and path != "/ready":
                assert set(answer["content"]) == {"application/problem+json"}, (method, path, status)
        if path.startswith("/api/v1"):
            assert {"429", "500", "503"} <= set(answers)
            assert ("401" in answers) or not operation.get("security")
            assert ("404" in answers) or "{" not in path
            assert ("413" in answers) == ("requestBody" in operation)
        assert operation["summary"]
        assert operation["description"]
    assert "HTTPValidationError" not in json.dumps(described)


def test_the_schema_needs_no_repair(app: FastAPI) -> None:
    described = json.dumps(app.openapi())
    for name in set(re.findall(r"#/components/schemas/([A-Za-z0-9_]+)", described)):
        assert name in app.openapi()["components"]["schemas"]
    assert app.openapi() is app.openapi()


def test_metrics_count_by_endpoint_and_are_for_this_machine(api: TestClient, app: FastAPI, headers: Headers) -> None:
    api.get(f"/api/v1/courses/{BIOLOGY}", headers=headers("ann"))
    api.get("/some/path/nobody/knows")
    assert api.get("/metrics").status_code == 401
    near = TestClient(app, client=("127.0.0.1", 50000))
    told = near.get("/metrics")
    assert told.status_code == 200
    assert 'http_requests_total{endpoint="/courses/{course_id}",method="GET",status="200"}' in told.text
    assert 'endpoint="unmatched",method="GET",status="404"' in told.text
    assert "/some/path" not in told.text
    assert "http_request_duration_seconds_bucket{" in told.text
    assert re.search(r"^active_users [1-9]", told.text, re.MULTILINE)
    assert re.search(r'^db_pool_connections\{state="open"\} [1-9]', told.text, re.MULTILINE)
    assert near.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
    near.close()


def test_ready_says_what_is_missing(api: TestClient, world: World) -> None:
    assert api.get("/ready").json() == {
        "status": "ready", "database": "ok", "migrations": "ok", "marts": "ok", "model": "ok",
    }  # fmt: skip
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("alter table marts.dim_courses rename to dim_gone")
    try:
        answer = api.get("/ready")
        assert (answer.status_code, answer.json()["marts"], answer.json()["status"]) == (503, "failed", "not_ready")
        assert api.get("/health").status_code == 200
        near = TestClient(api.app, client=("127.0.0.1", 1))
        signed = Client(http=near)
        signed.sign_in(world.email("ann"), PASSWORD)
        with pytest.raises(Unavailable, match="not been built"):
            signed.courses()
        near.close()
    finally:
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute("alter table marts.dim_gone rename to dim_courses")


def test_too_many_requests_are_told_when_to_come_back(world: World) -> None:
    with TestClient(create_app(world.settings)) as hurried:
        client = Client(http=hurried)
        for number in range(11):
            answer = hurried.post("/api/v1/auth/login", json={"email": "x@example.test", "password": "wrong"})
            assert answer.status_code == (401 if number < 10 else 429)
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        page = hurried.post(
            "/sign-in", data={"email": "y@example.test", "password": "wrong"}, headers={"Origin": "http://testserver"}
        )
        assert page.status_code == 401
        client.sign_in(world.email("ann"), PASSWORD)
        for _ in range(60):
            client.courses()
        with pytest.raises(TooManyRequests) as refused:
            client.courses()
        assert 1 <= refused.value.retry_after <= 60
        client.me()
        client.sign_in(world.email("ben"), PASSWORD)
        client.courses()
