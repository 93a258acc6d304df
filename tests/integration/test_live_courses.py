"""Courses that follow their Moodle, over the API: how they stand, who may sync them, and that one sync is enough."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from api_world import BIOLOGY, CHEMISTRY, World
from fastapi import FastAPI
from psycopg.types.json import Jsonb
from pydantic import SecretStr
from starlette.testclient import TestClient

from serving.app import create_app
from serving.limits import Limiter
from studium import live, work
from studium.client import ApiError, Client
from studium.database.pool import Role, connect

ClientOf = Callable[[str], Client]
SKIPPED = [
    {"function": "mod_choice_get_choice_results", "kind": "NotPermitted", "reason": "No permission.", "times": 2}
]
TABLES = ("app.course_sync", "app.live_events")


@pytest.fixture
def app(world: World) -> FastAPI:
    return create_app(
        world.settings.model_copy(update={"moodle_url": "http://example.test", "moodle_token": SecretStr("x")}),
        Limiter(factor=10_000),
    )


@pytest.fixture
def api(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(autouse=True)
def _followed(world: World) -> Iterator[None]:
    """Biology and chemistry follow a Moodle; nothing has been asked for yet, and what other tests asked for is done."""
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("update app.work_requests set status = 'done' where status in ('queued', 'running')")
    with connect(world.settings, Role.PIPELINE) as connection:
        for course_id, shortname in [(BIOLOGY, "BIO"), (CHEMISTRY, "CHE")]:
            connection.execute(
                "insert into app.course_sync (course_id, shortname, state, last_scanned_at, last_synced_at, skipped, "
                "held, error) values (%s, %s, 'held', '2026-11-22 12:00Z', '2026-11-22 11:30Z', %s, %s, 'It broke.')",
                [course_id, shortname, Jsonb(SKIPPED), Jsonb({"modules": ["Secret answers"]})],
            )
    yield
    with connect(world.settings, Role.ADMIN) as connection:
        for table in TABLES:
            connection.execute(f"delete from {table}")
        connection.execute("delete from app.work_requests where kind = 'sync'")


def refused(status: int, call: Callable[..., object], *arguments: object, **named: object) -> str:
    with pytest.raises(ApiError) as error:
        call(*arguments, **named)
    assert error.value.problem.status == status
    return error.value.problem.detail or ""


def test_courses_carry_how_they_stand(client: ClientOf) -> None:
    for course in (client("tom").course(BIOLOGY), client("tom").courses().items[0]):
        assert (course.sync_enabled, course.sync_state) == (True, "held")
        assert course.last_synced_at is not None
        assert course.last_checked_at is not None
        assert course.last_checked_at > course.last_synced_at
        assert [skipped.model_dump() for skipped in course.skipped] == SKIPPED
        assert (course.held, course.sync_error) == ({"modules": ["Secret answers"]}, "It broke.")


def test_a_learner_is_not_told_what_is_gone(client: ClientOf) -> None:
    ann = client("ann")
    found = [ann.course(BIOLOGY), ann.courses().items[0], ann.sync_status().courses[0]]
    for course in found:
        assert course.sync_state == "held"
        assert (course.held, course.sync_error) == (None, None)
    assert "Secret answers" not in ann.send("GET", "/courses/sync").text


def test_the_status_tells_of_ones_own_courses(world: World, client: ClientOf) -> None:
    with connect(world.settings, Role.PIPELINE) as connection:
        live.publish(connection, BIOLOGY, "sync:start", {})
        live.publish(connection, BIOLOGY, "sync:progress", {"step": "files", "done": 1, "total": 2})
        live.publish(connection, CHEMISTRY, "sync:start", {})
    told = {
        name: {
            one.course_id: (one.may_sync, one.event and (one.event.kind, one.event.payload))
            for one in client(name).sync_status().courses
        }
        for name in ("ann", "tom", "dan", "out", "root")
    }
    biology = ("sync:progress", {"step": "files", "done": 1, "total": 2})
    assert told == {
        "ann": {BIOLOGY: (False, biology)},
        "tom": {BIOLOGY: (True, biology)},
        "dan": {CHEMISTRY: (False, ("sync:start", {}))},
        "out": {},
        "root": {BIOLOGY: (True, biology), CHEMISTRY: (True, ("sync:start", {}))},
    }


def test_a_second_request_joins_the_one_under_way(world: World, client: ClientOf) -> None:
    (first,) = client("tom").sync([BIOLOGY]).items
    (second,) = client("root").sync([BIOLOGY]).items
    assert (first.joined, second.joined) == (False, True)
    assert second.request_id == first.request_id
    assert client("ann").sync_status().courses[0].request == "queued"
    with connect(world.settings, Role.PIPELINE) as connection:
        taken = work.claim(connection)
        assert taken is not None
        assert (taken.request_id, taken.payload) == (first.request_id, {"course_id": BIOLOGY})
    assert client("tom").sync().items[0].joined
    with connect(world.settings, Role.PIPELINE) as connection:
        work.finish(connection, first.request_id, outcome={})
    (third,) = client("tom").sync().items
    assert not third.joined
    assert third.request_id != first.request_id


def test_many_at_once_are_one(world: World, client: ClientOf) -> None:
    clients = [client("tom") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        started = [one.items[0] for one in pool.map(lambda each: each.sync([BIOLOGY]), clients)]
    assert len({one.request_id for one in started}) == 1
    assert sorted(one.joined for one in started) == [False] + [True] * 7
    with connect(world.settings, Role.ADMIN) as connection:
        noted = connection.execute(
            "select detail ->> 'request' from app.audit_log "
            "where action = 'sync_requested' and detail ->> 'request' = %s",
            [str(started[0].request_id)],
        ).fetchall()
    assert noted == [(str(started[0].request_id),)]


def test_none_named_means_all_one_teaches_that_follow(client: ClientOf) -> None:
    client("una").change_course(CHEMISTRY, sync_enabled=False)
    assert [one.course_id for one in client("root").sync().items] == [BIOLOGY]
    assert client("una").sync().items == []


def test_only_who_teaches_a_course_syncs_it(world: World, client: ClientOf) -> None:
    for name, course_ids in [("ann", None), ("ann", [BIOLOGY]), ("tom", [BIOLOGY, CHEMISTRY]), ("out", None)]:
        assert refused(404, client(name).sync, course_ids)
    with connect(world.settings, Role.PIPELINE) as connection:
        assert not work.waits(connection), "none of them, when not all of them"


def test_what_cannot_be_synced_is_said(client: ClientOf) -> None:
    tom = client("tom")
    assert tom.change_course(BIOLOGY, sync_enabled=False).sync_enabled is False
    assert refused(409, tom.sync, [BIOLOGY]) == f"Syncing is off for {BIOLOGY}. Turn it on first."
    assert "not on the connected Moodle" in refused(409, client("root").sync, ["test-site:99"])
    assert refused(422, tom.send, "POST", "/courses/sync", json={"course_ids": []})
    assert refused(422, tom.send, "POST", "/courses/sync", json={"course_ids": ["'"]})


def test_switching_is_for_instructors_and_noted_once(world: World, client: ClientOf) -> None:
    for name in ("ann", "una", "out"):
        refused(404, client(name).change_course, BIOLOGY, sync_enabled=False)
    for enabled in (False, False, True):
        assert client("tom").change_course(BIOLOGY, sync_enabled=enabled).sync_enabled is enabled
    with connect(world.settings, Role.ADMIN) as connection:
        noted = connection.execute(
            "select detail from app.audit_log where action = 'sync_switched' and course_id = %s and actor_id = %s "
            "order by audit_id desc limit 2",
            [BIOLOGY, world.accounts["tom"]],
        ).fetchall()
    assert noted == [({"sync_enabled": True},), ({"sync_enabled": False},)]
