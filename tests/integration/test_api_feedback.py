"""Thumbs for answers: one's own alone, changeable; teachers see what one agreed to show, without who said it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from api_world import BIOLOGY, CHEMISTRY, World
from psycopg import Connection
from psycopg.types.json import Jsonb

from studium.client import Client, NotFound, Rejected
from studium.database.pool import Role, acting_as, connect
from studium.wire.chat import AnswerPart, ChatAnswer, Citation
from studium.wire.feedback import FeedbackGiven

As = Callable[[str], Client]
BAD = FeedbackGiven(verdict="down", reason="wrong", words="The book says otherwise.", is_shared=True)
UNSHARED = FeedbackGiven(verdict="down", reason="unclear")
SAID_ONLY_TO_THE_TUTOR = "I failed last year, what is a cell?"


def as_admin(world: World, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connect(world.settings, Role.ADMIN) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def citation(number: int, document_id: UUID, quote: str) -> Citation:
    nothing = dict.fromkeys(("module_name", "section_name", "page", "page_kind", "chapter", "heading", "source_url"))
    return Citation(
        number=number, document_id=document_id, title="A page", before="", quote=quote, after="", version=None,
        open_url="/x", **nothing,  # type: ignore[arg-type]
    )  # fmt: skip


def say(world: World, name: str, question: str, documents: list[UUID], course: str = BIOLOGY) -> UUID:
    """A turn that was answered with a quotation from each document, and one sentence that cites nothing."""
    cited = [citation(number, one, f"Said in {number}.") for number, one in enumerate(documents, start=1)]
    parts = [AnswerPart(text=one.quote, citations=[one.number], supported=True, made_by="course") for one in cited]
    parts.append(AnswerPart(text="Said nowhere.", citations=[], supported=False, made_by="model"))
    answer = ChatAnswer(
        statement="Composed.", shape="explanation", parts=parts, citations=cited, read_next=[], model="m"
    )
    found = [{"document_id": str(one), "page": None, "score": 0.5} for one in documents]
    rows = as_admin(
        world,
        "with s as (insert into app.chat_sessions (account_id, course_id) values (%s, %s) returning session_id) "
        "insert into app.chat_turns (session_id, number, client_message_id, content, mode, status, answer, retrieved, "
        "finished_at) select session_id, 1, gen_random_uuid(), %s, 'answer', 'done', %s, %s, now() from s "
        "returning turn_id",
        world.accounts[name], course, question, Jsonb(answer.model_dump(mode="json")), Jsonb(found),
    )  # fmt: skip
    return UUID(str(rows[0][0]))


@pytest.fixture
def turn(world: World) -> UUID:
    return say(world, "ann", f"What is a cell? {uuid4()}", [world.documents["page"]])


def question_of(world: World, turn_id: UUID) -> str:
    return str(as_admin(world, "select content from app.chat_turns where turn_id = %s", turn_id)[0][0])


def queued(client: Client, course: str, question: str) -> list[Any]:
    reports = client.questions(course).reports(limit=200).items
    return [one for one in reports if one.question == question]


def test_it_is_given_changed_and_taken_back(client: As, turn: UUID) -> None:
    ann = client("ann")
    said = ann.feedback.give(turn, FeedbackGiven(verdict="up"))
    assert (said.verdict, said.reason, said.is_shared, said.report_status) == ("up", None, False, None)
    changed = ann.feedback.give(turn, BAD)
    assert (changed.verdict, changed.reason, changed.words) == ("down", "wrong", "The book says otherwise.")
    assert changed.report_status == "open"
    mine = [one for one in ann.feedback.list(limit=200).items if one.turn_id == turn]
    assert mine == [changed], "one a turn"
    ann.feedback.take_back(turn)
    assert not [one for one in ann.feedback.list(limit=200).items if one.turn_id == turn]


@pytest.mark.parametrize(
    "body",
    [
        {"verdict": "down"},
        {"verdict": "up", "reason": "wrong"},
        {"verdict": "up", "is_shared": True},
        {"verdict": "sideways"},
        {"verdict": "down", "reason": "other", "words": "x" * 1001},
        {"verdict": "down", "reason": "other", "words": "  "},
        {"verdict": "down", "reason": "other", "report_id": str(uuid4())},
    ],
)
def test_what_makes_no_sense_is_refused(client: As, turn: UUID, body: dict[str, object]) -> None:
    with pytest.raises(Rejected):
        client("ann").send("PUT", f"/chat/turns/{turn}/feedback", json=body)


def test_nobody_rates_what_was_said_to_another(client: As, turn: UUID) -> None:
    client("ann").feedback.give(turn, BAD)
    for name in ("ben", "tom", "root", "out"):
        other = client(name)
        for wanted in (turn, uuid4()):
            with pytest.raises(NotFound):
                other.feedback.give(wanted, FeedbackGiven(verdict="up"))
        other.feedback.take_back(turn)
        assert turn not in {one.turn_id for one in other.feedback.list(limit=200).items}
    (kept,) = [one for one in client("ann").feedback.list(limit=200).items if one.turn_id == turn]
    assert kept.verdict == "down"


def test_what_is_not_over_is_not_rated(client: As, world: World, turn: UUID) -> None:
    as_admin(
        world,
        "update app.chat_turns set status = 'running', answer = null, finished_at = null where turn_id = %s",
        turn,
    )
    with pytest.raises(NotFound):
        client("ann").feedback.give(turn, FeedbackGiven(verdict="up"))


def test_teachers_of_the_course_see_what_was_shared_and_not_who(client: As, world: World, turn: UUID) -> None:
    question = question_of(world, turn)
    client("ann").feedback.give(turn, UNSHARED)
    assert queued(client("tom"), BIOLOGY, question) == [], "not agreed, not shown"
    client("ann").feedback.give(turn, BAD)
    (report,) = queued(client("tom"), BIOLOGY, question)
    assert (report.reason, report.words, report.status) == ("wrong", "The book says otherwise.", "open")
    assert [part.text for part in report.answer.parts] == ["Said in 1.", "Said nowhere."]
    assert [one.document_id for one in report.retrieved] == [world.documents["page"]]
    assert report.is_withheld is False
    told = report.model_dump_json()
    session = as_admin(world, "select session_id from app.chat_turns where turn_id = %s", turn)[0][0]
    for secret in (turn, session, world.accounts["ann"], world.learners["ann"], "ann@", "Ann"):
        assert str(secret) not in told
    for name in ("ben", "una", "dan", "out"):
        for course in (BIOLOGY, CHEMISTRY):
            try:
                assert queued(client(name), course, question) == []
            except NotFound:
                continue


def test_what_rests_on_ones_own_files_or_a_groups_is_left_out(client: As, world: World) -> None:
    mine = client("ann").upload("diary.txt", b"My diary.", course_id=BIOLOGY).document_id
    [(of_group,)] = as_admin(
        world,
        "insert into content.documents (source, course_id, module_id, group_id, title) "
        "values ('moodle', %s, %s, 77, 'A discussion of group 77') returning document_id",
        BIOLOGY, world.modules["page"],
    )  # fmt: skip
    question = f"What did I write? {uuid4()}"
    turn = say(world, "ann", question, [mine, world.documents["page"], of_group])
    client("ann").feedback.give(turn, BAD)
    (report,) = queued(client("tom"), BIOLOGY, question)
    assert report.is_withheld
    assert [part.text for part in report.answer.parts] == ["Said in 2."], "what cites nothing may be made of it"
    assert [one.document_id for one in report.answer.citations] == [world.documents["page"]]
    assert report.answer.statement == ""
    assert [one.document_id for one in report.retrieved] == [world.documents["page"]]
    as_admin(world, "delete from content.documents where document_id = %s", of_group)


def test_what_is_taken_back_or_deleted_is_gone_from_the_queue(client: As, world: World) -> None:
    ann, tom = client("ann"), client("tom")
    ways: list[Callable[[UUID], object]] = [
        ann.feedback.take_back,
        lambda one: ann.feedback.give(one, UNSHARED),
        lambda one: ann.feedback.give(one, FeedbackGiven(verdict="up")),
        lambda one: ann.chats.delete(
            as_admin(world, "select session_id from app.chat_turns where turn_id = %s", one)[0][0]
        ),
    ]
    for way in ways:
        question = f"{SAID_ONLY_TO_THE_TUTOR} {uuid4()}"
        turn = say(world, "ann", question, [world.documents["page"]])
        ann.feedback.give(turn, BAD)
        assert len(queued(tom, BIOLOGY, question)) == 1
        way(turn)
        assert queued(tom, BIOLOGY, question) == []
        assert as_admin(world, "select from app.reported_answers where question = %s", question) == []


def test_what_is_said_anew_is_the_same_report(client: As, world: World, turn: UUID) -> None:
    ann, question = client("ann"), question_of(world, turn)
    ann.feedback.give(turn, BAD)
    (first,) = queued(client("tom"), BIOLOGY, question)
    ann.feedback.give(turn, BAD.model_copy(update={"reason": "outdated", "words": None}))
    (again,) = queued(client("tom"), BIOLOGY, question)
    assert (again.report_id, again.reason, again.words) == (first.report_id, "outdated", None)


# What follows has nothing of the API around it.


@pytest.fixture
def raw(world: World) -> Any:
    with connect(world.settings, Role.API, autocommit=True) as connection:
        yield connection


def test_the_database_gives_each_their_own_feedback(client: As, world: World, raw: Connection, turn: UUID) -> None:
    client("ann").feedback.give(turn, BAD)
    assert raw.execute("select from app.chat_feedback").fetchall() == [], "of nobody, nothing"
    for name, seen in {"ann": 1, "ben": 0, "tom": 0, "una": 0, "root": 0}.items():
        with acting_as(raw, world.accounts[name]):
            rows = raw.execute("select from app.chat_feedback where turn_id = %s", [turn]).fetchall()
            changed = raw.execute("delete from app.chat_feedback where turn_id = %s and %s", [turn, name != "ann"])
        assert (name, len(rows), changed.rowcount) == (name, seen, 0)


def test_the_database_gives_reports_to_who_teaches_and_to_who_reported(
    client: As, world: World, raw: Connection, turn: UUID
) -> None:
    client("ann").feedback.give(turn, BAD)
    question = question_of(world, turn)
    seen = {"tom": 1, "root": 1, "ann": 1, "ben": 0, "sue": 0, "una": 0, "dan": 0, "out": 0}
    for name, count in seen.items():
        with acting_as(raw, world.accounts[name]):
            rows = raw.execute("select from app.reported_answers where question = %s", [question]).fetchall()
            changed = raw.execute(
                "update app.reported_answers set status = 'dismissed' where question = %s", [question]
            )
        assert (name, len(rows)) == (name, count)
        assert (name, changed.rowcount) == (name, int(name in ("tom", "root"))), "who reported only looks"


def test_no_teacher_reads_a_conversation(world: World, raw: Connection, turn: UUID) -> None:
    for name in ("tom", "root"):
        with acting_as(raw, world.accounts[name]):
            for table in ("chat_turns where turn_id = %s", "chat_feedback where turn_id = %s"):
                assert raw.execute(f"select from app.{table}", [turn]).fetchall() == []
        for statement in (
            "select * from app.questions_asked('x', now())",
            "select app.digests_due()",
            "select app.answer_to_show('{}', 'x')",
            "insert into app.reported_answers (course_id) values ('x')",
            "update app.reported_answers set question = 'forged'",
            "delete from app.reported_answers",
            "update app.chat_feedback set report_id = gen_random_uuid()",
            "insert into app.question_digests (course_id, digest) values ('x', '{}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(raw, world.accounts[name]):
                raw.execute(statement)
