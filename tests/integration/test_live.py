"""The live socket over real HTTP, from two processes that share a database: who is told what, and when it ends."""

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from socket import SHUT_RDWR

import pytest
from live_world import COURSES, Api, LiveWorld, build_live_world, heard, nothing_more, serving
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from studium import live
from studium.accounts.sessions import end_session
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LiveWorld:
    return build_live_world(Settings(home=tmp_path_factory.mktemp("live"), _env_file=None))


@pytest.fixture(scope="module")
def apis(world: LiveWorld) -> Iterator[tuple[Api, Api]]:
    with serving(world.settings) as first, serving(world.settings) as second:
        yield first, second


def raw(world: LiveWorld, statement: str, *values: object) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute(statement, values)


def ended(socket: ClientConnection) -> tuple[int, str]:
    """How the server closes a socket, after what it still tells."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(15)
    return socket.close_code or 0, socket.close_reason or ""


def test_each_is_told_of_the_own_course_from_any_process(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    with ExitStack() as stack:
        sockets = {
            name: stack.enter_context(apis[number % 2].open(cookie=world.session(name)))
            for number, name in enumerate(COURSES)
        }
        for socket in sockets.values():
            assert heard(socket)["kind"] == "ready"
        for done in range(1, 4):
            for name in COURSES:
                world.publish(name, step=f"of {name}", done=done, total=3)
        for name, socket in sockets.items():
            told = [heard(socket) for _ in range(3)]
            assert [event["payload"] for event in told] == [
                {"step": f"of {name}", "done": done, "total": 3} for done in range(1, 4)
            ]
            assert {event["course_id"] for event in told} == {COURSES[name]}
        assert all(nothing_more(socket) for socket in sockets.values())


def test_an_admin_is_told_of_all_or_of_the_courses_named(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    cookie = world.session("root")
    with apis[0].open(cookie=cookie) as every, apis[1].open(f"?course_id={COURSES['two']}", cookie=cookie) as one:
        heard(every), heard(one)
        for name in COURSES:
            world.publish(name)
        assert [heard(every)["course_id"] for _ in COURSES] == list(COURSES.values())
        assert heard(one)["course_id"] == COURSES["two"]
        assert nothing_more(one)


def test_naming_anothers_course_tells_nothing(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    with apis[0].open(f"?course_id={COURSES['two']}", cookie=world.session("one")) as socket:
        heard(socket)
        world.publish("two")
        assert nothing_more(socket)


def test_coming_back_loses_and_doubles_nothing(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    """Four publish at once while the reader comes and goes, from one process to the other."""
    cookie, each = world.session("one"), 12
    with apis[0].open(cookie=cookie) as socket:
        after = heard(socket)["event_id"]

    def publish(writer: int) -> list[int]:
        return [world.publish("one", writer=writer, done=done) for done in range(each)]

    told: list[int] = []
    with ThreadPoolExecutor(4) as writers:
        published = [writers.submit(publish, writer) for writer in range(4)]
        turn = 0
        while len(told) < 4 * each:
            turn += 1
            with apis[turn % 2].open(f"?after={after}", cookie=cookie) as socket:
                assert heard(socket) == {"kind": "ready", "event_id": after, "missed": False}
                for _ in range(min(7, 4 * each - len(told))):
                    told.append(heard(socket)["event_id"])
                    after = told[-1]
                if turn % 3 == 0:
                    socket.socket.shutdown(SHUT_RDWR)  # no goodbye
        ids = sorted(event_id for future in published for event_id in future.result())
    assert turn > 5
    assert told == ids


def test_events_come_in_the_order_of_their_commits(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    """A transaction that began first and ends last must not be passed by: its event would never be read."""
    with apis[0].open(cookie=world.session("one")) as socket, ThreadPoolExecutor(1) as other:
        heard(socket)
        with connect(world.settings, Role.PIPELINE) as slow:
            first = live.publish(slow, COURSES["one"], "sync:progress", {})
            second = other.submit(world.publish, "one")
            assert nothing_more(socket)
            assert not second.done()
        assert [heard(socket)["event_id"] for _ in range(2)] == [first, second.result()]
        assert second.result() > first


def test_what_is_gone_is_said_to_be_missed(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    old, newest = world.publish("one"), world.publish("two")
    raw(world, "update app.live_events set created_at = now() - interval '3 days'")
    with connect(world.settings, Role.PIPELINE) as connection:
        assert live.prune(connection) >= 1
        assert live.prune(connection) == 0, "the newest stays"
    cookie = world.session("one")
    with apis[0].open(f"?after={old - 1}", cookie=cookie) as socket:
        assert heard(socket)["missed"] is True
    with apis[0].open(f"?after={newest}", cookie=cookie) as socket:
        assert heard(socket) == {"kind": "ready", "event_id": newest, "missed": False}
    with apis[0].open(f"?after={newest + 1000}", cookie=cookie) as socket:
        assert heard(socket) == {"kind": "ready", "event_id": newest, "missed": True}
        again = world.publish("one")
        assert heard(socket)["event_id"] == again


def test_membership_is_asked_at_each_read(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    enrolments = "update raw.enrolments set status = %s where user_id = (select moodle_user_id from app.moodle_links "
    enrolments += "where account_id = %s)"
    account = world.accounts["three"]
    with apis[0].open(cookie=world.session("three")) as socket:
        heard(socket)
        raw(world, enrolments, 1, account)
        world.publish("three", of="the time outside")
        assert nothing_more(socket)
        raw(world, enrolments, 0, account)
        world.publish("three", of="the time after")
        assert heard(socket)["payload"] == {"of": "the time after"}
        assert nothing_more(socket)


def test_a_session_that_ends_closes_its_socket(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    cookie, account = world.session("one"), world.accounts["one"]
    with apis[0].open(cookie=cookie) as socket, apis[1].open(cookie=world.session("one")) as other:
        heard(socket), heard(other)
        began = time.monotonic()
        with connect(world.settings, Role.API) as connection, acting_as(connection, account):
            end_session(connection, cookie)
        assert ended(socket) == (4401, "Your session has ended. Sign in again.")
        assert time.monotonic() - began < 3
        world.publish("one")
        assert heard(other)["kind"] == "sync:progress"


@pytest.mark.parametrize(
    "statement",
    [
        "update app.token_families set ended_at = now(), ended_because = 'signed_out' where account_id = %s",
        "update app.accounts set disabled_at = now() where account_id = %s",
    ],
)
def test_a_token_and_an_account_that_end_close_the_socket(
    world: LiveWorld, apis: tuple[Api, Api], statement: str
) -> None:
    account = world.accounts["two"]
    headers = {"Authorization": f"Bearer {world.token('two')}"}
    with apis[0].open(additional_headers=headers) as socket:
        heard(socket)
        raw(world, statement, account)
        assert ended(socket)[0] == 4401
    raw(world, "update app.accounts set disabled_at = null where account_id = %s", account)


def test_a_program_may_say_who_it_is_first(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    token = json.dumps({"access_token": world.token("one")})
    with apis[0].open() as socket:
        socket.send(token)
        assert heard(socket)["kind"] == "ready"
        socket.send(token)  # renewed
        world.publish("one")
        assert heard(socket)["kind"] == "sync:progress"
        socket.send(json.dumps({"access_token": world.token("two")}))
        assert ended(socket) == (1008, "This token belongs to another account.")


@pytest.mark.parametrize("said", ["", "hello", '{"access_token": "x", "more": 1}', b"\x00", "x" * 5000])
def test_what_is_not_understood_ends_the_conversation(apis: tuple[Api, Api], said: str | bytes) -> None:
    with apis[0].open() as socket:
        socket.send(said)
        assert ended(socket)[0] == 1008


def test_a_bad_token_ends_the_conversation(apis: tuple[Api, Api]) -> None:
    with apis[0].open() as socket:
        socket.send('{"access_token": "a.b.c"}')
        assert ended(socket)[0] == 4401


def test_whom_the_handshake_refuses(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    good = world.session("one")
    cases = [
        (401, {"cookie": "nobody's"}),
        (403, {"cookie": good, "origin": "http://elsewhere.test"}),
        (403, {"cookie": good, "origin": None}),
        (401, {"additional_headers": {"Authorization": "Bearer a.b.c"}}),
        (422, {"cookie": good, "query": "?after=-1"}),
        (422, {"cookie": good, "query": "?course_id=%27"}),
    ]
    for status, options in cases:
        with pytest.raises(InvalidStatus) as refused:
            apis[0].open(**options).close()
        answer = refused.value.response
        assert answer.status_code == status, options
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["status"] == status


def test_an_account_has_only_so_many(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    cookie = world.session("three")
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(apis[0].open(cookie=cookie))
        with pytest.raises(InvalidStatus) as refused:
            apis[0].open(cookie=cookie)
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["retry-after"] == "10"
        stack.enter_context(apis[0].open(cookie=world.session("one")))
    time.sleep(0.5)
    with apis[0].open(cookie=cookie) as socket:
        assert heard(socket)["kind"] == "ready"


def test_the_listener_that_is_cut_off_listens_again(world: LiveWorld, apis: tuple[Api, Api]) -> None:
    with apis[0].open(cookie=world.session("one")) as socket:
        heard(socket)
        raw(world, "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %%'")
        world.publish("one", n=1)
        assert heard(socket, 15)["payload"] == {"n": 1}
        began = time.monotonic()
        world.publish("one", n=2)
        assert heard(socket)["payload"] == {"n": 2}
        assert time.monotonic() - began < 2


def test_a_process_that_stops_says_so(world: LiveWorld) -> None:
    with serving(world.settings) as api, api.open(cookie=world.session("one")) as socket:
        after = heard(socket)["event_id"]
        began = time.monotonic()
        api.process.send_signal(signal.SIGTERM)
        assert ended(socket)[0] == 1012
        assert api.process.wait(15) is not None
        assert time.monotonic() - began < 10
        missed = world.publish("one")
        with (
            serving(world.settings) as next_one,
            next_one.open(f"?after={after}", cookie=world.session("one")) as again,
        ):
            heard(again)
            assert heard(again)["event_id"] == missed


def test_the_api_publishes_and_removes_nothing(world: LiveWorld) -> None:
    with connect(world.settings, Role.API) as connection:
        rights = connection.execute(
            "select array_agg(privilege_type::text) from information_schema.role_table_grants "
            "where grantee = 'studium_api' and table_name = 'live_events'"
        ).fetchone()
    assert rights == (["SELECT"],)
