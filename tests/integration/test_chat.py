"""Conversations over HTTP: kept and found, answered whole and as streams, changed sources, and whose they are."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from api_world import BIOLOGY, CHEMISTRY, World
from fastapi import FastAPI
from psycopg import Connection
from starlette.testclient import TestClient

from studium.client import ApiError, ChatSession, Client, NotFound, Rejected, TooManyRequests
from studium.content.ingest import ingest
from studium.database.pool import Role, acting_as, connect
from studium.storage import open_store
from studium.tutor import answering, chain
from studium.wire.chat import Asked, ChatTurn, Done, Streaming

As = Callable[[str], Client]
QUESTION = "What do chloroplasts make glucose from?"
QUOTED = "Chloroplasts make glucose from carbon dioxide and water in the light."
NOTES = f"""# Chloroplasts

{QUOTED} They hold *chlorophyll*, <b>which</b> is green.
""".encode()


@pytest.fixture(scope="module")
def notes(api: TestClient, world: World, headers: Callable[[str], dict[str, str]]) -> UUID:
    """Ann's notes, taken all the way."""
    ann = Client(http=api, access_token=headers("ann")["Authorization"].removeprefix("Bearer "))
    sent = ann.upload("notes.md", NOTES, title="My [notes]", course_id=BIOLOGY)

    @contextmanager
    def pipeline() -> Iterator[Connection]:
        with connect(world.settings, Role.PIPELINE) as connection:
            yield connection

    assert ingest(pipeline, open_store(world.settings), world.settings, [sent.document_id]).ready == 1
    return sent.document_id


@pytest.fixture
def ann(client: As, notes: UUID) -> Client:
    return client("ann")


@pytest.fixture
def session(ann: Client) -> ChatSession:
    return ann.chats.create(BIOLOGY)


def raw(world: World, statement: str, *values: object) -> list[tuple[object, ...]]:
    with connect(world.settings, Role.ADMIN) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def refused(status: int, call: Callable[..., object], *arguments: object, **named: object) -> str:
    with pytest.raises(ApiError) as error:
        call(*arguments, **named)
    assert error.value.problem.status == status
    return str(error.value)


def test_an_answer_comes_whole(ann: Client, session: ChatSession, notes: UUID, world: World) -> None:
    turn = ann.chats.send(session.session_id, f"  {QUESTION}  ")
    assert (turn.status, turn.number, turn.content, turn.error) == ("done", 1, QUESTION, None)
    assert turn.answer is not None
    assert (turn.answer.shape, turn.answer.model, turn.cost.amount) == ("passages", None, 0)
    (citation, *_) = turn.answer.citations
    assert (citation.number, citation.document_id) == (1, notes)
    assert f"{citation.quote} {citation.after}".startswith(f"{QUOTED} They hold chlorophyll, which is green.")
    assert citation.open_url == f"/api/v1/documents/{notes}/content"
    for part in turn.answer.parts:
        assert (part.made_by, part.supported) == ("course", True)
        assert part.text in turn.text
    kept = raw(world, "select content_sha256 from content.documents where document_id = %s", notes)
    assert kept == [(citation.version,)]
    timed = raw(
        world,
        "select first_chunk_ms between 0 and total_ms, model is null, retrieved -> 0 ->> 'document_id' "
        "from app.chat_turns where turn_id = %s",
        turn.turn_id,
    )
    assert timed == [(True, True, str(notes))]


def test_an_answer_comes_whole_to_programs_without_streams(
    api: TestClient, headers: Callable[[str], dict[str, str]], ann: Client, session: ChatSession
) -> None:
    path = f"/api/v1/chat/sessions/{session.session_id}/messages"
    answer = api.post(path, headers=headers("ann"), json={"content": QUESTION})
    assert answer.status_code == 200
    (turn,) = ann.chats.turns(session.session_id).items
    assert ChatTurn.model_validate_json(answer.content) == turn == ann.chats.turn(session.session_id, turn.turn_id)


def test_a_stream_is_what_is_kept(ann: Client, session: ChatSession) -> None:
    frames = list(ann.chats.stream(session.session_id, QUESTION))
    assert [type(frame) for frame in frames[:2]] == [Asked, Streaming]
    text = ""
    for frame in frames:
        if isinstance(frame, Streaming):
            assert frame.offset == len(text)
            text += frame.chunk
    done = frames[-1]
    assert isinstance(done, Done)
    (turn,) = ann.chats.turns(session.session_id).items
    assert (done.turn_id, done.answer, text) == (turn.turn_id, turn.answer, turn.text)


def test_every_event_is_a_place_to_go_on_from(
    api: TestClient, headers: Callable[[str], dict[str, str]], ann: Client, session: ChatSession
) -> None:
    body = {"content": QUESTION, "client_message_id": str(uuid4())}
    path = f"/api/v1/chat/sessions/{session.session_id}/messages"
    credentials = headers("ann") | {"Accept": "text/event-stream"}

    def events(after: str | None) -> list[str]:
        last = {"Last-Event-ID": after} if after else {}
        answer = api.post(path, json=body, headers=credentials | last)
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [event for event in answer.text.split("\n\n") if event]

    events(None)
    whole = events(None)
    for number, event in enumerate(whole[:-1]):
        after = re.search(r"^id: (.*)$", event, re.MULTILINE)
        assert after is not None
        assert events(after.group(1)) == whole[number + 1 :]
    assert events("9.9.9") == events("nonsense") == whole, "a position of another turn's begins at the beginning"
    assert len(ann.chats.turns(session.session_id).items) == 1


def test_sent_again_it_is_the_same_question(ann: Client, session: ChatSession, client: As, world: World) -> None:
    message_id = uuid4()
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda one: one.chats.send(session.session_id, QUESTION, message_id), [client("ann")] * 4))
    assert len({turn.turn_id for turn in sent}) == 1
    assert "another" in refused(409, ann.chats.send, session.session_id, "Another?", message_id).casefold()
    (counted,) = raw(
        world,
        "select count(*) from app.events where verb ~ 'asked$' and account_id = %s and stored_at >= %s",
        world.accounts["ann"], session.created_at,
    )  # fmt: skip
    assert counted == (1,)


def test_conversations_are_listed_found_renamed_and_deleted(ann: Client, notes: UUID) -> None:
    first, second = ann.chats.create(BIOLOGY), ann.chats.create(BIOLOGY, "100%_sure")
    ann.chats.send(first.session_id, QUESTION)
    listed = ann.chats.list(course_id=BIOLOGY).items
    assert [one.session_id for one in listed[:2]] == [first.session_id, second.session_id]
    assert (listed[0].title, listed[0].turns) == (QUESTION, 1)

    def found(text: str) -> set[UUID]:
        return {one.session_id for one in ann.chats.list(q=text, limit=200).items}

    assert first.session_id in found("CHLOROPLASTS MAKE")
    assert first.session_id in found("carbon dioxide and water"), "answers are searched too"
    assert second.session_id in found("0%_s")
    assert first.session_id not in found("%")
    assert ann.chats.list(course_id=CHEMISTRY).items == []
    assert ann.chats.change(first.session_id, title="  Green  ").title == "Green"
    ann.chats.send(first.session_id, "And what else?")
    assert ann.chats.read(first.session_id).title == "Green"
    for wrong in ("", "  ", "x" * 201, "a\0"):
        with pytest.raises(ValueError):  # noqa: PT011 - the client refuses it itself
            ann.chats.change(first.session_id, title=wrong)
    ann.chats.delete(first.session_id)
    for call in (ann.chats.read, ann.chats.turns, ann.chats.export, ann.chats.delete):
        refused(404, call, first.session_id)


def test_pages_of_conversations_have_each_once(ann: Client) -> None:
    made = {ann.chats.create(BIOLOGY, f"paged {number}").session_id for number in range(7)}
    seen, after = [], None
    while True:
        page = ann.chats.list(q="paged", after=after, limit=3)
        seen += [one.session_id for one in page.items]
        if (after := page.next) is None:
            break
    assert len(seen) == 7
    assert set(seen) == made


def test_an_export_holds_all_and_shows_text_as_text(ann: Client, session: ChatSession) -> None:
    ann.chats.send(session.session_id, QUESTION)
    ann.chats.send(session.session_id, "# Who <img src=x> won ![the](http://evil.test) cup?")
    text = ann.chats.export(session.session_id).decode()
    assert QUOTED.replace(".", "\\.") in text
    assert "My \\[notes\\]" in text
    assert "\\# Who &lt;img src=x&gt; won \\!\\[the\\]\\(http://evil\\.test\\)" in text
    kept = json.loads(ann.chats.export(session.session_id, "json"))
    turns = [turn.model_dump(mode="json") for turn in ann.chats.turns(session.session_id).items]
    assert kept["turns"] == turns
    assert kept["session"]["session_id"] == str(session.session_id)


def test_an_answer_knows_when_its_source_changed(ann: Client, session: ChatSession, notes: UUID, world: World) -> None:
    ann.chats.send(session.session_id, QUESTION)

    def changed() -> set[bool]:
        (turn,) = ann.chats.turns(session.session_id).items
        assert turn.answer is not None
        return {one.changed_since for one in turn.answer.citations if one.document_id == notes}

    assert changed() == {False}
    was = raw(world, "select content_sha256, owner_id from content.documents where document_id = %s", notes)[0]
    for column, value in (("content_sha256", "another"), ("owner_id", world.accounts["ben"])):
        raw(world, f"update content.documents set {column} = %s where document_id = %s", value, notes)
        assert changed() == {True}
        raw(
            world, "update content.documents set content_sha256 = %s, owner_id = %s where document_id = %s", *was, notes
        )
    assert changed() == {False}


def test_nobody_elses_conversation_is_there(ann: Client, session: ChatSession, client: As) -> None:
    turn = ann.chats.send(session.session_id, QUESTION)
    for name in ("ben", "tom", "root", "dan"):
        other = client(name).chats
        for call, arguments in [
            (other.read, []),
            (other.turns, []),
            (other.export, []),
            (other.change, []),
            (other.send, ["Hello?"]),
            (other.stop, [turn.turn_id]),
            (other.delete, []),
        ]:
            refused(404, call, session.session_id, *arguments)
        assert session.session_id not in {one.session_id for one in other.list(limit=200).items}
    assert ann.chats.read(session.session_id).turns == 1


def test_the_database_shows_nobody_anothers_words(ann: Client, session: ChatSession, world: World) -> None:
    ann.chats.send(session.session_id, QUESTION)
    with connect(world.settings, Role.API, autocommit=True) as connection:
        for name in ("ben", "tom", "root"):
            with acting_as(connection, world.accounts[name]):
                for table in ("chat_sessions", "chat_turns"):
                    rows = connection.execute(f"select from app.{table} where session_id = %s", [session.session_id])
                    assert rows.fetchall() == []
                    mine = connection.execute(f"delete from app.{table} where session_id = %s", [session.session_id])
                    assert mine.rowcount == 0
                assert connection.execute("update app.chat_turns set text = 'x'").rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(connection, world.accounts[name]):
                connection.execute(
                    "insert into app.chat_turns (session_id, number, client_message_id, content, mode) "
                    "values (%s, 99, gen_random_uuid(), 'x', 'answer')",
                    [session.session_id],
                )
            with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(connection, world.accounts[name]):
                connection.execute(
                    "insert into app.chat_sessions (account_id, course_id) values (%s, 'x:1')", [world.accounts["ann"]]
                )
    for role in (Role.PIPELINE, Role.READER):
        with connect(world.settings, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select from app.chat_turns")


def test_a_course_one_is_not_in_has_no_conversations(client: As) -> None:
    for name, course in [("ann", CHEMISTRY), ("sue", BIOLOGY), ("out", BIOLOGY), ("ann", "test-site:99")]:
        refused(404, client(name).chats.create, course)


def test_who_has_left_reads_no_more_and_may_still_delete(ann: Client, session: ChatSession, world: World) -> None:
    ann.chats.send(session.session_id, QUESTION)
    enrolment = (
        "update raw.enrolments set status = %s where user_id = "
        "(select moodle_user_id from app.moodle_links where account_id = %s)"
    )
    raw(world, enrolment, 1, world.accounts["ann"])
    try:
        for call in (ann.chats.read, ann.chats.turns, ann.chats.export):
            refused(404, call, session.session_id)
        refused(404, ann.chats.send, session.session_id, QUESTION)
        assert ann.chats.list().items == []
        ann.chats.delete(session.session_id)
    finally:
        raw(world, enrolment, 0, world.accounts["ann"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": ""},
        {"content": " \n "},
        {"content": "x" * 2001},
        {"content": "nul\0"},
        {"content": "a", "client_message_id": "1"},
        {"content": "a", "mode": "exam"},
    ],
)
def test_a_message_must_be_one(
    api: TestClient, headers: Callable[[str], dict[str, str]], session: ChatSession, body: dict[str, str]
) -> None:
    answer = api.post(f"/api/v1/chat/sessions/{session.session_id}/messages", headers=headers("ann"), json=body)
    assert answer.status_code == 422, answer.text


def waiting(world: World, session_id: UUID, count: int, status: str = "running") -> None:
    """Turns a living process of another machine's is at, or that are over."""
    over = "now()" if status == "stopped" else "null"
    raw(
        world,
        "insert into app.chat_turns (session_id, number, client_message_id, content, mode, status, attempt, "
        f"touched_at, finished_at) select %s, n, gen_random_uuid(), 'Well?', 'answer', %s, 1, now(), {over} "
        "from generate_series(1, %s) as n",
        session_id, status, count,
    )  # fmt: skip


def test_a_conversation_has_limits(ann: Client, world: World) -> None:
    busy, full = ann.chats.create(BIOLOGY), ann.chats.create(BIOLOGY)
    waiting(world, busy.session_id, 3)
    with pytest.raises(TooManyRequests) as hurried:
        ann.chats.send(busy.session_id, QUESTION)
    assert hurried.value.retry_after == 5
    waiting(world, full.session_id, 500, "stopped")
    with pytest.raises(Rejected, match="at most 500"):
        ann.chats.send(full.session_id, QUESTION)


def test_stopping_keeps_what_was_said(ann: Client, session: ChatSession, world: World) -> None:
    waiting(world, session.session_id, 1)
    (turn,) = ann.chats.turns(session.session_id).items
    stopped = ann.chats.stop(session.session_id, turn.turn_id)
    assert (stopped.status, stopped.answer) == ("stopped", None)
    assert ann.chats.stop(session.session_id, turn.turn_id) == stopped
    with pytest.raises(NotFound):
        ann.chats.stop(session.session_id, uuid4())
    assert ann.chats.send(session.session_id, QUESTION).status == "done"


def test_what_breaks_while_answering_ends_the_turn(
    ann: Client, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[chain.Piece]:
        yield chain.Words("So far")
        raise RuntimeError("secret detail of ours")

    monkeypatch.setattr(answering, "respond", broken)
    turn = ann.chats.send(session.session_id, QUESTION)
    assert (turn.status, turn.text, turn.answer) == ("failed", "So far", None)
    assert turn.error == answering.TROUBLE
    monkeypatch.undo()
    assert ann.chats.send(session.session_id, QUESTION).status == "done"


def test_a_turn_that_is_stopped_while_it_is_written_says_no_more(
    ann: Client, session: ChatSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer loses its claim: what it writes afterwards is not kept, and the turn does not come back to life."""

    def endless(*_: object) -> Iterator[chain.Piece]:
        yield chain.Words("One. ")
        raw(
            world, "update app.chat_turns set status = 'stopped', finished_at = now() where session_id = %s",
            session.session_id,
        )  # fmt: skip
        while True:
            yield chain.Words("More. ")

    monkeypatch.setattr(answering, "respond", endless)
    turn = ann.chats.send(session.session_id, QUESTION)
    assert (turn.status, turn.text) == ("stopped", "One. ")


def test_an_answer_is_waited_for_without_a_connection(
    app: FastAPI, ann: Client, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    pool = app.state.services.pool

    def slow(turn: chain.Turn, connect_as: chain.Connect, embedder: object) -> Iterator[chain.Piece]:
        yield chain.Words("One. ")
        stats = pool.get_stats()
        held.append(stats["pool_size"] - stats["pool_available"])
        yield from respond(turn, connect_as, embedder)

    respond = answering.respond
    monkeypatch.setattr(answering, "respond", slow)
    turn: ChatTurn = ann.chats.send(session.session_id, QUESTION)
    assert turn.text.startswith("One. This is what the course says")
    assert held[0] <= 1, "the follower's look, at most"
