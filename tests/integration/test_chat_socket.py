"""The chat socket over real HTTP, from two processes that share a database: nothing is lost, and nothing told twice."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from api_world import BIOLOGY, CHEMISTRY
from chat_world import QUESTION, QUOTED, UNANSWERED, ChatWorld, Tab, build_chat_world, kill, serving
from live_world import Api
from websockets.exceptions import ConnectionClosed, InvalidStatus

from studium.accounts.sessions import end_session
from studium.settings import Settings


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> ChatWorld:
    return build_chat_world(Settings(home=tmp_path_factory.mktemp("chat"), _env_file=None))


@pytest.fixture(scope="module")
def apis(world: ChatWorld) -> Iterator[tuple[Api, Api]]:
    with serving(world.settings) as first, serving(world.settings) as second:
        yield first, second


def ended(tab: Tab) -> tuple[int, str]:
    """How the server closes a socket, after what it still tells."""
    assert tab.socket is not None
    with suppress(ConnectionClosed):
        while True:
            tab.take(15)
    return tab.socket.close_code or 0, tab.socket.close_reason or ""


def refused(api: Api, **options: object) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as error:
        Tab().open(api, **options)
    answer = error.value.response
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, json.loads(answer.body)["detail"]


def test_a_question_is_answered_from_the_course(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    with Tab().open(apis[0], cookie=world.cookie("ann")) as tab:
        tab.say(QUESTION)
        done = tab.until_done()
    (text,) = tab.texts.values()
    assert text.startswith("This is what the course says, word for word.")
    assert f"\u201c{QUOTED}" in text
    assert "[1]" in text
    assert tab.told[:3] == ["connected", "message", "streaming"]
    assert tab.told.count("streaming") >= 2
    assert (done["status"], done["cost"]["amount"], done["answer"]["model"]) == ("done", 0, None)
    (citation, *_) = done["citations"]
    assert citation["quote"].startswith(QUOTED)
    assert (citation["title"], citation["heading"], citation["changed_since"]) == ("My notes", "Mitochondria", False)
    assert len(citation["version"]) == 64
    assert tab.holds() == world.stored(tab.session_id)


def test_what_the_course_does_not_say_is_refused(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    with Tab().open(apis[0], token=world.token("ann")) as tab:
        tab.say(UNANSWERED)
        done = tab.until_done()
    assert (done["answer"]["shape"], done["citations"]) == ("refusal", [])
    assert "does not answer" in next(iter(tab.texts.values()))


def test_two_tabs_at_two_processes_have_the_same(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    cookie = world.cookie("ann")
    with Tab().open(apis[0], cookie=cookie) as one, Tab(one.session_id).open(apis[1], cookie=cookie) as other:
        sent = [one.say(QUESTION), other.say(UNANSWERED), one.say("What do ribosomes make?")]
        for tab in (one, other):
            tab.until_done(3)
        assert one.holds() == other.holds() == world.stored(one.session_id)
        assert sorted(message_id for message_id, _, _ in one.holds()) == sorted(sent)


def test_a_message_sent_again_is_one_turn(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    cookie, message_id = world.cookie("ann"), str(uuid4())
    with Tab().open(apis[0], cookie=cookie) as tab, Tab(tab.session_id).open(apis[1], cookie=cookie) as other:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: (tab, other)[n % 2].say(QUESTION, message_id), range(8)))
        tab.until_done()
        tab.say("Another question?", message_id)
        assert tab.take()["kind"] == "error"
        assert (tab.errors[0]["code"], tab.errors[0]["client_message_id"]) == (409, message_id)
        tab.say(QUESTION)
        tab.until_done(2)
    assert [row[0] for row in world.stored(tab.session_id)].count(message_id) == 1
    assert len(world.stored(tab.session_id)) == 2


def test_coming_back_anywhere_at_any_time_loses_and_doubles_nothing(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    """The socket breaks after every frame, goodbye or not, and the next one is at the other process."""
    cookie = world.cookie("ann")
    with Tab().open(apis[0], cookie=cookie) as tab:
        sent = {tab.say(f"{QUESTION} {number}"): f"{QUESTION} {number}" for number in range(3)}
    comings = 0
    while len(tab.done) < 3:
        comings += 1
        tab.open(apis[comings % 2], cookie=cookie)
        with tab:
            if comings == 1:  # what the first socket had not taken when it broke is sent again
                for message_id, content in sent.items():
                    tab.say(content, message_id)
            tab.take()
            if comings % 2:
                tab.leave(goodbye=False)
    assert comings >= 12
    assert tab.holds() == world.stored(tab.session_id)
    assert [row[0] for row in tab.holds()] == list(sent)


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.3])
def test_a_process_that_is_killed_in_the_middle(world: ChatWorld, apis: tuple[Api, Api], moment: float) -> None:
    """Its sockets come back at another process, and find every question answered, once."""
    cookie = world.cookie("ann")
    with serving(world.settings) as doomed:
        tabs = [Tab().open(doomed, cookie=cookie).__enter__() for _ in range(5)]
        for tab in tabs:
            tab.sent = [tab.say(QUESTION), tab.say("What do ribosomes make?")]
        time.sleep(moment)
        kill(doomed)
        for tab in tabs:
            with suppress(ConnectionClosed):
                while True:
                    tab.take()
            tab.open(apis[0], cookie=cookie)
            with tab:
                for content, message_id in zip([QUESTION, "What do ribosomes make?"], tab.sent, strict=True):
                    tab.say(content, message_id)  # as nobody knows whether it arrived
                tab.until_done(2, timeout=60)
                assert tab.holds() == world.stored(tab.session_id)
                assert [row[0] for row in tab.holds()] == tab.sent
                assert {row[1] for row in tab.holds()} == {"done"}
    asked, answered = (
        world.raw(f"select count(*) from {counted} and account_id = %s", world.world.accounts["ann"])
        for counted in (
            "app.events where verb ~ 'asked$'",
            "app.chat_turns join app.chat_sessions using (session_id) where status = 'done'",
        )
    )
    assert asked == answered, "an answer counts once, however often it was begun"


def test_a_turn_whose_process_died_is_begun_again(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    """What the dead one had said is replaced, though it had been told."""
    cookie = world.cookie("ann")
    with serving(world.settings) as doomed, Tab().open(doomed, cookie=cookie) as tab:
        tab.say(QUESTION)
        tab.until_done()
        (turn_id,) = tab.done
        dead = world.raw("select claimed_by from app.chat_turns where turn_id = %s", turn_id)[0][0]
        kill(doomed)
        world.raw(
            "update app.chat_turns set status = 'running', text = 'Half of an ans', answer = null, finished_at = null "
            "where turn_id = %s",
            turn_id,
        )
        assert dead
    half = Tab(tab.session_id, position="0")
    with half.open(apis[0], cookie=cookie):
        half.until_done()
        assert half.holds() == world.stored(tab.session_id)
        assert "Half" not in half.texts[turn_id]
    assert world.raw("select attempt from app.chat_turns where turn_id = %s", turn_id) == [(2,)]


def test_a_turn_that_kills_whoever_answers_is_given_up(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    cookie = world.cookie("ann")
    with Tab().open(apis[0], cookie=cookie) as tab:
        turn_id = str(uuid4())
        world.raw(
            "insert into app.chat_turns (turn_id, session_id, number, client_message_id, content, mode, status, "
            "attempt, touched_at) values (%s, %s, 1, gen_random_uuid(), 'Well?', 'answer', 'running', 3, "
            "now() - interval '5 minutes')",
            turn_id, tab.session_id,
        )  # fmt: skip
        assert tab.until_done()["status"] == "failed"
        assert "Ask again" in tab.done[turn_id]["error"]


def test_a_turn_can_be_stopped_and_says_no_more(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    with Tab().open(apis[0], cookie=world.cookie("ann")) as tab:
        turn_id = str(uuid4())
        # as if a living process of another machine's were at it
        world.raw(
            "insert into app.chat_turns (turn_id, session_id, number, client_message_id, content, mode, status, "
            "attempt, touched_at, text) values (%s, %s, 1, gen_random_uuid(), 'Well?', 'answer', 'running', 1, "
            "now(), 'So far.')",
            turn_id, tab.session_id,
        )  # fmt: skip
        while turn_id not in tab.texts:
            tab.take()
        tab.socket.send(json.dumps({"kind": "stop", "turn_id": turn_id}))
        assert tab.until_done()["status"] == "stopped"
        assert tab.texts[turn_id] == "So far."
        tab.socket.send(json.dumps({"kind": "stop", "turn_id": str(uuid4())}))
        assert tab.take()["code"] == 404


def test_a_token_that_ends_while_open_must_be_renewed(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    ending = datetime.now(UTC) - timedelta(minutes=15) + timedelta(seconds=6)
    with Tab().open(apis[0], token=world.token("ann", ending)) as tab:
        tab.say(QUESTION)
        tab.until_done()
        time.sleep(7)
        tab.say(QUESTION)
        assert ended(tab) == (4401, "Your session has ended. Sign in again.")
    renewed = Tab()
    ending = datetime.now(UTC) - timedelta(minutes=15) + timedelta(seconds=6)
    with renewed.open(apis[0], token=world.token("ann", ending)):
        renewed.socket.send(json.dumps({"access_token": world.token("ann")}))
        time.sleep(7)
        renewed.say(QUESTION)
        assert renewed.until_done()["status"] == "done"
        renewed.socket.send(json.dumps({"access_token": world.token("ben")}))
        assert ended(renewed) == (1008, "This token belongs to another account.")


def test_a_program_may_say_who_it_is_first(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    tab = Tab().open(apis[0])
    tab.socket.send(json.dumps({"access_token": world.token("ann")}))
    with tab:
        tab.say(QUESTION)
        assert tab.until_done()["status"] == "done"
    stranger = Tab(tab.session_id).open(apis[0])
    stranger.socket.send(json.dumps({"access_token": world.token("ben")}))
    assert ended(stranger) == (4404, "There is no such conversation.")


def test_signing_out_ends_the_socket(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    cookie = world.cookie("ann")
    with Tab().open(apis[0], cookie=cookie) as tab:
        with world.as_api("ann") as connection:
            end_session(connection, cookie)
        assert ended(tab)[0] == 4401


def test_a_deleted_conversation_ends_its_sockets(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    with Tab().open(apis[0], cookie=world.cookie("ann")) as tab:
        with world.client(apis[1], "ann") as client:
            client.chats.delete(tab.session_id)
        assert ended(tab) == (4404, "There is no such conversation.")


def test_leaving_the_course_ends_the_conversation(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    enrolment = (
        "update raw.enrolments set status = %s where user_id = "
        "(select moodle_user_id from app.moodle_links where account_id = %s)"
    )
    account = world.world.accounts["ben"]
    with Tab().open(apis[0], cookie=world.cookie("ben")) as tab:
        world.raw(enrolment, 1, account)
        try:
            tab.say(QUESTION)
            assert ended(tab) == (4404, "There is no such conversation.")
            assert world.stored(tab.session_id) == []
        finally:
            world.raw(enrolment, 0, account)


def test_whom_the_handshake_refuses(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    ann, ben = world.cookie("ann"), world.cookie("ben")
    with Tab().open(apis[0], cookie=ann) as tab:
        anns = f"?session_id={tab.session_id}"
    cases = [
        (401, {"cookie": "nobody's"}),
        (403, {"cookie": ann, "origin": "http://elsewhere.test"}),
        (403, {"cookie": ann, "origin": None}),
        (401, {"token": "a.b.c"}),
        (404, {"cookie": ben, "query": anns}),
        (404, {"token": world.token("tom"), "query": anns}),
        (404, {"token": world.token("root"), "query": anns}),
        (404, {"cookie": ann, "query": f"?session_id={uuid4()}"}),
        (404, {"cookie": ann, "query": f"?course_id={CHEMISTRY}"}),
        (422, {"cookie": ann, "query": ""}),
        (422, {"cookie": ann, "query": f"{anns}&course_id={BIOLOGY}"}),
        (422, {"cookie": ann, "query": f"{anns}&after=x"}),
        (422, {"cookie": ann, "query": "?session_id=1"}),
        (422, {"cookie": ann, "query": "?course_id=%27"}),
    ]
    for status, options in cases:
        assert refused(apis[0], **options)[0] == status, options


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", 422),
        ("hello", 422),
        ("[]", 422),
        ('{"kind": "sing"}', 422),
        ('{"kind": "message"}', 422),
        ('{"kind": "message", "content": "   "}', 422),
        ('{"kind": "message", "content": "a", "client_message_id": "x"}', 422),
        ('{"kind": "message", "content": "a", "mode": "root"}', 422),
        ('{"kind": "message", "content": "a\\u0000b"}', 422),
        ('{"kind": "message", "content": "\\ud800"}', 422),
        ('{"kind": "message", "content": "%s"}' % ("x" * 2001), 422),
        ('{"kind": "stop", "turn_id": "1"}', 422),
        (b"\x00\xff", 422),
    ],
)
def test_what_is_not_understood_is_said_and_the_conversation_goes_on(
    world: ChatWorld, apis: tuple[Api, Api], said: str | bytes, code: int
) -> None:
    with Tab().open(apis[0], cookie=world.cookie("ann")) as tab:
        tab.socket.send(said)
        assert tab.take()["code"] == code
        tab.say(QUESTION)
        assert tab.until_done()["status"] == "done"
        assert len(world.stored(tab.session_id)) == 1


def test_a_message_beyond_all_measure_ends_the_socket(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    with Tab().open(apis[0], cookie=world.cookie("ann")) as tab:
        tab.socket.send("x" * 20_000)
        assert ended(tab) == (1008, "This message is too long.")


def test_only_so_many_questions_wait_in_a_conversation(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    with Tab().open(apis[0], cookie=world.cookie("ann")) as tab:
        world.raw(  # a living process of another machine's is at it
            "insert into app.chat_turns (session_id, number, client_message_id, content, mode, status, attempt, "
            "touched_at) select %s, n, gen_random_uuid(), 'Well?', 'answer', 'running', 1, now() "
            "from generate_series(1, 3) as n",
            tab.session_id,
        )
        tab.say(QUESTION)
        while not tab.errors:
            tab.take()
        assert tab.errors[0]["code"] == 429


def test_an_account_has_only_so_many_sockets(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    cookie = world.cookie("ben")
    with ExitStack() as stack:
        first = stack.enter_context(Tab().open(apis[0], cookie=cookie))
        for _ in range(9):
            stack.enter_context(Tab(first.session_id).open(apis[0], cookie=cookie))
        assert refused(apis[0], cookie=cookie)[0] == 429
        stack.enter_context(Tab().open(apis[0], cookie=world.cookie("ann")))
    time.sleep(0.5)
    with Tab().open(apis[0], cookie=cookie) as tab:
        assert tab.session_id


def test_who_asks_too_fast_is_told_when_to_come_back(world: ChatWorld) -> None:
    with serving(world.settings, factor=1) as api, Tab().open(api, cookie=world.cookie("dan"), query=CHEMISTRY_) as tab:
        for number in range(10):
            tab.say(UNANSWERED)
            tab.until_done(number + 1)
        tab.say(UNANSWERED)
        while not tab.errors:
            tab.take()
        assert tab.errors[0]["code"] == 429
        assert 1 <= tab.errors[0]["retry_after"] <= 60
        assert len(world.stored(tab.session_id)) == 10


CHEMISTRY_ = f"?course_id={CHEMISTRY}"


def test_a_process_that_stops_leaves_its_turns_to_others(world: ChatWorld, apis: tuple[Api, Api]) -> None:
    cookie = world.cookie("ann")
    with serving(world.settings) as stopping:
        with Tab().open(stopping, cookie=cookie) as tab:
            for number in range(3):
                tab.say(f"{QUESTION} {number}")
            stopping.process.terminate()
            assert ended(tab)[0] == 1012
        assert stopping.process.wait(60) is not None  # it may still take a question it had heard
        with tab.open(apis[0], cookie=cookie):
            tab.until_done(len(world.stored(tab.session_id)))
            assert tab.holds() == world.stored(tab.session_id)
