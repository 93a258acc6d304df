"""The question bank: by hand and by file, in and out; and questions made of what somebody may see, for them alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import streamlit as st
from api_world import BIOLOGY, CHEMISTRY, World
from fastapi import FastAPI
from model_server import Reply, model_server, says
from psycopg import Connection
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest

from dashboards import api
from studium.client import ApiError, Client, NotFound, Rejected
from studium.database.pool import Role, acting_as, connect
from studium.learning.questions import generating
from studium.learning.questions.generating import Wanted
from studium.learning.questions.gift import read_gift
from studium.learning.questions.moodle_xml import read_moodle_xml
from studium.settings import Settings
from studium.tutor.models import open_models
from studium.wire.question_bank import BankAnswer, BankChange, MadeQuestions, NewBankQuestion

As = Callable[[str], Client]
PAGES = Path(__file__).parents[2] / "dashboards" / "streamlit_app.py"
TABLE = "\n".join(
    ["Organelle | Task"]
    + [
        f"Organelle: {name}; Task: {task}"
        for name, task in {
            "mitochondrion": "makes most of the ATP",
            "ribosome": "builds proteins",
            "lysosome": "digests debris",
            "chloroplast": "captures sunlight",
        }.items()
    ]
)
SECRET = TABLE.replace("mitochondrion", "secretosome").replace("makes most of the ATP", "keeps the exam's key")


def chunk_of(connection: Connection, module_id: str, title: str, text: str) -> UUID:
    """A page of the course with one passage."""
    [(document_id,)] = connection.execute(
        "insert into content.documents (source, course_id, module_id, section_id, material_key, title, status) "
        "select 'moodle', %s, %s, m.section_id, %s, %s, 'ready' from marts.dim_modules as m where m.module_id = %s "
        "returning document_id",
        [BIOLOGY, module_id, f"page:{uuid4()}", title, module_id],
    ).fetchall()
    connection.execute(
        "insert into content.chunks (document_id, position, text, token_count, content_sha256) "
        "values (%s, 0, %s, 90, %s)",
        [document_id, text, uuid4().hex],
    )
    return UUID(str(document_id))


@pytest.fixture(scope="module")
def pages(world: World) -> Iterator[dict[str, UUID]]:
    """A page everybody in biology sees, and one that is hidden."""
    with connect(world.settings, Role.ADMIN) as connection:
        made = {
            "page": chunk_of(connection, world.modules["page"], "Organelles", TABLE),
            "hidden": chunk_of(connection, world.modules["hidden"], "Organelles in the exam", SECRET),
        }
    yield made
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("delete from content.documents where document_id = any(%s)", [list(made.values())])
        connection.execute("delete from app.practice_questions where course_id = %s and origin <> 'moodle'", [BIOLOGY])
        connection.execute("delete from app.chat_spending where account_id = %s", [world.accounts["ann"]])


def new(text: str, **more: object) -> NewBankQuestion:
    answers = [BankAnswer(text="right", fraction=1), BankAnswer(text="wrong", feedback="<script>x()</script>No.")]
    return NewBankQuestion.model_validate({"qtype": "multichoice", "text": text, "answers": answers} | more)


def test_a_question_by_hand_is_cleaned_kept_moved_retired_and_nobodys_but_the_teachers(client: As) -> None:
    tom, text = client("tom").question_bank(BIOLOGY), f"<p onclick='x()'>Which <b>one</b>? {uuid4()}</p><img src=x>"
    made = tom.add(new(text, difficulty="hard", tags=["cells"]))
    assert (made.standing, made.difficulty, made.origin, made.tags) == ("in_use", "hard", "teacher", ["cells"])
    assert "<b>one</b>" in made.text
    assert not {"onclick", "<img", "script"} & set(f"{made.text} {made.answers[1].feedback}".replace("<", " <").split())
    assert "script" not in made.answers[1].feedback
    with pytest.raises(Rejected, match="already"):
        tom.add(new(text))
    with pytest.raises(Rejected, match="worth 100"):
        tom.add(NewBankQuestion(qtype="shortanswer", text="x", answers=[BankAnswer(text="a", fraction=0.5)]))
    with pytest.raises(Rejected, match="section"):
        tom.change(made.question_id, BankChange(topic_id=f"{BIOLOGY}:nowhere"))
    assert tom.change(made.question_id, BankChange(is_in_use=False)).standing == "retired"
    assert tom.change(made.question_id, BankChange(difficulty=None)).difficulty is None
    assert tom.change(made.question_id, BankChange(is_in_use=True)).standing == "in_use"
    assert [one.question_id for one in tom.list(q="WHICH <b>ONE").items] == [made.question_id]
    for name in ("ann", "una", "out"):
        with pytest.raises(NotFound):
            client(name).question_bank(BIOLOGY).list()
        with pytest.raises(NotFound):
            client(name).question_bank(BIOLOGY).read(made.question_id)
        with pytest.raises(NotFound):
            client(name).question_bank(BIOLOGY).give_out("gift")
        with pytest.raises(NotFound):
            client(name).question_bank(BIOLOGY).take_in("q.txt", b"Q {=a ~b}")
    with pytest.raises(NotFound):
        client("una").question_bank(CHEMISTRY).read(made.question_id)


GIFT = b"::one::First %s? {=a ~b#no}\n\n::broken::Second? {=a ~b\n\n::three::Third %s? {#5:0.5}\n\n::four::Write. {}\n"


def test_a_file_is_tried_taken_once_and_given_out_in_both_formats(client: As) -> None:
    bank, mark = client("tom").question_bank(BIOLOGY), uuid4().hex.encode()
    data = GIFT.replace(b"%s", mark)
    tried = bank.take_in("q.txt", data, is_trial=True)
    assert (tried.added, tried.already, tried.is_trial, tried.format) == (2, 0, True, "gift")
    assert [(one.name, one.line) for one in tried.troubles] == [("broken", 3), ("four", None)]
    assert bank.list(q=mark.decode()).items == []
    assert bank.take_in("q.txt", data).added == 2
    again = bank.take_in("q.txt", data)
    assert (again.added, again.already) == (0, 2)
    assert {one.name for one in bank.list(q=mark.decode()).items} == {"one", "three"}
    by_gift = [one for one in read_gift(bank.give_out("gift").content.encode()).questions if mark.decode() in one.text]
    xml = bank.give_out("moodle_xml")
    by_xml = [one for one in read_moodle_xml(xml.content.encode()).questions if mark.decode() in one.text]
    assert sorted(one.stored()["text"] for one in by_gift) == sorted(one.stored()["text"] for one in by_xml)
    assert {one.qtype for one in by_xml} == {"multichoice", "numerical"}
    assert bank.take_in("all.xml", xml.content.encode()).added == 0
    with pytest.raises(Rejected, match="declares"):
        bank.take_in("bomb.xml", b'<!DOCTYPE q [<!ENTITY a "b">]><quiz/>')


def test_a_file_larger_than_other_requests_is_taken(client: As) -> None:
    bank, mark = client("tom").question_bank(BIOLOGY), uuid4().hex
    data = "\n\n".join(f"Question {number} of {mark} {'x' * 300}? {{T}}" for number in range(1000)).encode()
    assert len(data) > 256 * 1024
    assert bank.take_in("q.txt", data, is_trial=True).added == 1000


def test_what_is_made_for_a_learner_rests_on_what_they_see_and_is_theirs_alone(
    client: As, world: World, pages: dict[str, UUID], app: FastAPI
) -> None:
    ann = client("ann").question_bank(BIOLOGY)
    first = ann.make_own(difficulty="easy", count=2)
    assert (len(first.question_ids), first.made_by, first.notice) == (2, "rule", None)
    rest = ann.make_own(difficulty="easy", count=20)
    assert not set(first.question_ids) & set(rest.question_ids)
    assert rest.notice is not None
    with connect(world.settings, Role.ADMIN) as connection:
        rows = connection.execute(
            "select owner_id, document_id, chunk_id is not null, quote, text || answers::text as words "
            "from app.practice_questions where question_id = any(%s)",
            [first.question_ids + rest.question_ids],
        ).fetchall()
    assert {(row[0], row[1], row[2]) for row in rows} == {(world.accounts["ann"], pages["page"], True)}
    assert all(line in TABLE for row in rows for line in [row[3]])
    assert not any("secretosome" in row[4] for row in rows)
    with connect(world.settings, Role.API) as connection, acting_as(connection, world.accounts["tom"]):
        seen = connection.execute(
            "select 1 from app.practice_questions where question_id = any(%s)", [first.question_ids]
        ).fetchall()
    assert seen == []
    labels = {"topic": "whole course", "difficulty": "easy"}
    counted = app.state.services.telemetry.registry.get_sample_value("questions_generated_total", labels)
    assert counted == len(first.question_ids) + len(rest.question_ids)


def test_a_models_questions_are_made_once_an_hour_for_all_who_see_the_same(
    world: World, pages: dict[str, UUID]
) -> None:
    item = {
        "passage": 1, "question": "What builds proteins?", "right": "The ribosome",
        "wrong": ["The lysosome", "The chloroplast", "The mitochondrion"], "quote": "Organelle: ribosome; Task: builds",
    }  # fmt: skip

    def answers(reply: Reply) -> None:
        if "You check" not in reply.prompt:
            number = next(n for n in range(1, 20) if f"passage {n}>\nOrganelle" in reply.prompt)
            says(json.dumps([item | {"passage": number}]))(reply)
            return
        [right] = [line[0] for line in reply.prompt.splitlines() if line[1:] == ". The ribosome"]
        says(f"[[{right}]]")(reply)

    now = datetime.now(UTC)
    with model_server() as server, connect(world.settings, Role.API) as connection:
        server.does("m", answers)
        models = open_models(
            Settings(chat_model="openai:m", chat_base_url=server.url, chat_answer_tokens=2000, _env_file=None)
        )

        def make(moment: datetime) -> MadeQuestions:
            wanted = Wanted(BIOLOGY, None, "hard", 1, world.accounts["ann"])
            with acting_as(connection, world.accounts["ann"]):
                return generating.make(connection, wanted, models, moment, nullcontext)

        def forget() -> None:
            with connect(world.settings, Role.ADMIN) as admin:
                admin.execute("delete from app.practice_questions where owner_id = %s", [world.accounts["ann"]])

        forget()
        first = make(now)
        assert (first.made_by, len(first.question_ids), len(server.asked)) == ("openai:m", 1, 2)
        forget()
        assert len(make(now + timedelta(minutes=59)).question_ids) == 1
        assert len(server.asked) == 2
        forget()
        assert len(make(now + timedelta(minutes=61)).question_ids) == 1
        assert len(server.asked) == 4
        assert make(now + timedelta(minutes=61)).made_by != "openai:m"
        assert len(server.asked) == 6
    with connect(world.settings, Role.ADMIN) as connection:
        [(cost,)] = connection.execute(
            "select count(*) from app.chat_spending where account_id = %s and settled_at is not null and reserved = 0",
            [world.accounts["ann"]],
        ).fetchall()
    assert cost >= 3


def test_nothing_is_made_while_a_quiz_is_sat(client: As) -> None:
    with pytest.raises(ApiError, match="Hand it in first") as refused:
        client("ben").question_bank(BIOLOGY).make_own()
    assert refused.value.problem.status == 409


def test_what_is_made_for_the_course_waits_for_a_teacher(client: As, world: World, pages: dict[str, UUID]) -> None:
    bank = client("tom").question_bank(BIOLOGY)
    made = bank.make(difficulty="medium", count=3)
    waiting = {one.question_id: one for one in bank.list(show="waiting").items}
    assert set(made.question_ids) <= set(waiting)
    one = waiting[made.question_ids[0]]
    assert (one.made_by, one.origin) == ("rule", "generated")
    assert one.quote

    def seen_by_ann() -> int:
        with connect(world.settings, Role.API) as connection, acting_as(connection, world.accounts["ann"]):
            sql = "select 1 from app.practice_questions where question_id = any(%s)"
            return len(connection.execute(sql, [made.question_ids]).fetchall())

    assert seen_by_ann() == 0
    for question_id in made.question_ids:
        assert bank.change(question_id, BankChange(is_in_use=True)).standing == "in_use"
    shown = [one for one in made.question_ids if waiting[one].document_id == pages["page"]]
    assert seen_by_ann() == len(shown)


def test_the_page_shows_makes_uses_and_adds_questions(
    client: As, pages: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "open_client", lambda: client("tom"))
    st.cache_data.clear()
    st.cache_resource.clear()
    page = AppTest.from_file(str(PAGES), default_timeout=30).run().switch_page("app_pages/question_bank.py").run()
    assert not page.exception
    next(one for one in page.selectbox if one.label == "How hard").select("hard")
    next(one for one in page.button if one.label == "Make them").click().run()
    assert not page.exception
    assert page.info
    next(one for one in page.text_area if one.label == "The question").input(f"1 < 2? {uuid4()}")
    next(one for one in page.text_input if one.label == "The right answer").input("<b>yes</b>")
    next(one for one in page.text_area if one.label == "Wrong answers, one a line").input("no\nnever")
    next(one for one in page.button if one.label == "Add it").click().run()
    assert not page.exception
    assert [one.value for one in page.info] == ["The question is in use."]
    newest = client("tom").question_bank(BIOLOGY).list(show="in_use", limit=1).items[0]
    assert newest.text.startswith("1 &lt; 2?")
    assert [one.text for one in newest.answers] == ["&lt;b&gt;yes&lt;/b&gt;", "no", "never"]
    assert any(newest.text in str(one.proto) for one in page.get("html"))
    page.button(key=f"use-{newest.question_id}").click().run()
    assert client("tom").question_bank(BIOLOGY).read(newest.question_id).standing == "retired"
    page.button(key="bank-out").click().run()
    assert not page.exception


def test_what_a_teacher_says_of_one_of_moodles_questions_stands(client: As, world: World) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        [(question_id,)] = connection.execute(
            "insert into app.practice_questions "
            "(course_id, origin, external_key, qtype, text, answers, retired_at, checked) "
            "values (%s, 'moodle', %s, 'truefalse', 'Cells live.', %s, now(), '{\"retired_by\": \"import\"}') "
            "returning question_id",
            [BIOLOGY, f"test-site:{uuid4().int % 10**9}", Jsonb([{"text": "True", "fraction": 1}, {"text": "False"}])],
        ).fetchall()
        [(section,)] = connection.execute(
            "select min(section_id) from marts.dim_modules where course_id = %s", [BIOLOGY]
        ).fetchall()
    tom = client("tom").question_bank(BIOLOGY)
    used = tom.change(question_id, BankChange(is_in_use=True))
    assert (used.standing, used.is_released, used.origin) == ("in_use", False, "moodle")
    assert tom.change(question_id, BankChange(is_released=True)).is_released
    assert tom.change(question_id, BankChange(topic_id=section)).topic_id == section
    assert not tom.change(question_id, BankChange(is_released=False)).is_released
    with connect(world.settings, Role.ADMIN) as connection:
        sql = "delete from app.practice_questions where question_id = %s returning checked"
        assert connection.execute(sql, [question_id]).fetchall() == [({"placed_by": "teacher"},)]


def test_a_learner_cannot_make_questions_of_a_course_they_are_not_in(client: As) -> None:
    for name in ("dan", "out", "sue"):
        with pytest.raises(NotFound):
            client(name).question_bank(BIOLOGY).make_own()
    with pytest.raises(NotFound):
        client("ann").question_bank(BIOLOGY).make()
