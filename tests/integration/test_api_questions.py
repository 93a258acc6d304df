"""The instructors' side: the queue, corrections that answers find next time, golden questions, and the digest."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from api_world import BIOLOGY, CHEMISTRY, World
from psycopg import Connection
from test_api_feedback import BAD, as_admin, say

from studium.client import Client, NotFound, Rejected
from studium.content.embed import open_named
from studium.content.ingest import ingest
from studium.database.pool import Role, acting_as, connect
from studium.moodle.keys import CourseKey
from studium.storage import open_store
from studium.tutor import golden_kept, questions
from studium.tutor.examination import speaking_as
from studium.wire.questions import NewCorrection, NewGolden

As = Callable[[str], Client]
COURSE = CourseKey.parse(BIOLOGY)
QUESTION = "How many ATP does glycolysis give per glucose?"
WORDS = "Glycolysis gives a net of two ATP per molecule of glucose. Four are made, but two are used up."


@contextmanager
def pipeline(world: World) -> Iterator[Connection]:
    with connect(world.settings, Role.PIPELINE) as connection:
        yield connection


def read_in(world: World, document_id: object) -> None:
    """What the pipeline does with a request to read a file."""
    store = open_store(world.settings)
    report = ingest(lambda: pipeline(world), store, world.settings, [UUID(str(document_id))])
    assert report.ready == 1


def document_of(world: World, correction_id: UUID) -> UUID:
    [(found,)] = as_admin(world, "select document_id from app.corrections where correction_id = %s", correction_id)
    return UUID(str(found))


@pytest.fixture
def tom(client: As) -> Client:
    return client("tom")


@pytest.fixture
def corrected(tom: Client, world: World) -> Iterator[Any]:
    """A correction everybody finds, withdrawn in the end."""
    made = tom.questions(BIOLOGY).correct(
        NewCorrection(question=QUESTION, words=WORDS, cited_document_id=world.documents["pdf"], cited_page=4)
    )
    assert made.status == "processing"
    read_in(world, document_of(world, made.correction_id))
    yield made
    tom.questions(BIOLOGY).withdraw(made.correction_id)


def test_a_bad_answer_is_corrected_and_the_correction_is_what_the_next_one_reads(
    client: As, tom: Client, world: World
) -> None:
    ann = client("ann")
    asked = f"{QUESTION} {uuid4()}"
    turn = ann.chats.send(ann.chats.create(BIOLOGY).session_id, asked)
    assert turn.answer is not None
    assert "net of two" not in turn.text
    ann.feedback.give(turn.turn_id, BAD)
    (report,) = [one for one in tom.questions(BIOLOGY).reports(limit=200).items if one.question == asked]
    new = NewCorrection(question=QUESTION, words=WORDS, report_id=report.report_id)
    made = tom.questions(BIOLOGY).correct(new)
    (handled,) = [
        one
        for one in tom.questions(BIOLOGY).reports(status="corrected", limit=200).items
        if one == report.model_copy(update={"status": "corrected", "handled_on": one.handled_on})
    ]
    assert handled.handled_on is not None
    (mine,) = [one for one in ann.feedback.list(limit=200).items if one.turn_id == turn.turn_id]
    assert mine.report_status == "corrected", "who reported it learns of that"
    requests = as_admin(world, "select payload ->> 'document_id' from app.work_requests where kind = 'upload'")
    document = document_of(world, made.correction_id)
    assert str(document) in {row[0] for row in requests}, "the pipeline was asked to read it"
    read_in(world, document)

    answered = ann.chats.send(ann.chats.create(BIOLOGY).session_id, "what does glycolysis yield, how many ATP?").answer
    assert answered is not None
    first = answered.citations[0]
    now = datetime.now(UTC)
    assert first.title == f"Correction by an instructor, {now.day} {now:%B %Y}"
    assert first.document_id == document
    assert "net of two ATP" in first.quote
    [(stands,)] = as_admin(
        world, "select bool_or(strpos(text, %s) > 0) from content.chunks where document_id = %s", first.quote, document
    )
    assert stands, "quoted as it is kept"
    ben = client("ben")
    page = ben.send("GET", f"/documents/{document}/content")
    assert "net of two ATP" in page.text
    assert client("dan").search(QUESTION).hits == [], "who is not in the course finds none of it"

    tom.questions(BIOLOGY).withdraw(made.correction_id)
    assert [hit for hit in ben.search(QUESTION, course_id=BIOLOGY).hits if hit.document_id == document] == []
    assert as_admin(world, "select from content.chunks where document_id = %s", document) == []
    with pytest.raises(NotFound):
        ben.document(document)
    (kept,) = [one for one in tom.questions(BIOLOGY).corrections().items if one.correction_id == made.correction_id]
    assert kept.withdrawn_at is not None
    assert (kept.status, kept.words) == (None, WORDS)


def test_a_correction_names_what_it_cites_and_shows_markup_as_text(tom: Client, world: World, client: As) -> None:
    evil = "<script>alert(1)</script> & **bold**"
    cited = world.documents["pdf"]
    new = NewCorrection(question="What is <b>meant</b>?", words=evil, cited_document_id=cited, cited_page=4)
    made = tom.questions(BIOLOGY).correct(new)
    document = document_of(world, made.correction_id)
    read_in(world, document)
    text = " ".join(chunk.text for chunk in client("ann").document_text(document).items)
    assert evil in text
    assert "What is <b>meant</b>?" in text
    assert "See The pdf, page 4." in text
    tom.questions(BIOLOGY).withdraw(made.correction_id)
    assert open_store(world.settings) is not None


def test_the_bytes_of_a_correction_go_with_the_last_that_has_them(tom: Client, world: World) -> None:
    new = NewCorrection(question=f"Twice? {uuid4()}", words="Said twice.")
    made = [tom.questions(BIOLOGY).correct(new) for _ in range(2)]
    [(path,)] = as_admin(
        world, "select object_path from content.documents where document_id = %s",
        document_of(world, made[0].correction_id),
    )  # fmt: skip
    file = world.settings.home / "storage" / path
    assert file.is_file()
    tom.questions(BIOLOGY).withdraw(made[0].correction_id)
    assert file.is_file()
    tom.questions(BIOLOGY).withdraw(made[1].correction_id)
    assert not file.exists()
    tom.questions(BIOLOGY).withdraw(made[1].correction_id)


def test_only_documents_of_the_course_are_cited(tom: Client, client: As, world: World) -> None:
    upload = client("tom").upload("own.txt", b"Mine.", course_id=BIOLOGY).document_id
    for cited in (upload, uuid4()):
        with pytest.raises(Rejected, match="none of this course"):
            tom.questions(BIOLOGY).correct(NewCorrection(question="Q", words="W", cited_document_id=cited))
    assert [one for one in tom.questions(BIOLOGY).corrections(limit=200).items if one.question == "Q"] == []


def test_a_report_is_put_aside_and_back(client: As, tom: Client, world: World) -> None:
    turn = say(world, "ann", f"Aside? {uuid4()}", [])
    client("ann").feedback.give(turn, BAD)
    [(report_id,)] = as_admin(world, "select report_id from app.chat_feedback where turn_id = %s", turn)
    mine = tom.questions(BIOLOGY)
    assert mine.change_report(report_id, "dismissed").handled_on is not None
    assert report_id not in {one.report_id for one in mine.reports(status="open", limit=200).items}
    again = mine.change_report(report_id, "open")
    assert (again.status, again.handled_on) == ("open", None)
    client("ann").feedback.take_back(turn)
    with pytest.raises(NotFound, match="taken it back"):
        mine.change_report(report_id, "dismissed")


def test_to_others_none_of_it_is_there(client: As, tom: Client, world: World, corrected: Any) -> None:
    turn = say(world, "ann", f"Others? {uuid4()}", [])
    client("ann").feedback.give(turn, BAD)
    [(report_id,)] = as_admin(world, "select report_id from app.chat_feedback where turn_id = %s", turn)
    kept = tom.questions(BIOLOGY).keep_golden(NewGolden(question=f"Not said? {uuid4()}", kind="unanswerable"))
    for name, course in [("ann", BIOLOGY), ("una", BIOLOGY), ("una", CHEMISTRY), ("sue", BIOLOGY), ("out", BIOLOGY)]:
        other = client(name).questions(course)
        calls: list[Callable[[], object]] = [
            lambda other=other: other.change_report(report_id, "dismissed"),
            lambda other=other: other.withdraw(corrected.correction_id),
            lambda other=other: other.forget_golden(kept.golden_id),
        ]
        if (name, course) != ("una", CHEMISTRY):
            calls += [other.read, other.refresh, other.reports, other.corrections, other.golden]
            calls += [lambda other=other: other.correct(NewCorrection(question="Q", words="W"))]
            calls += [lambda other=other: other.keep_golden(NewGolden(question="Q", kind="unanswerable"))]
        else:
            assert (other.reports().items, other.corrections().items, other.golden().items) == ([], [], [])
        for call in calls:
            with pytest.raises(NotFound):
                call()
    tom.questions(BIOLOGY).forget_golden(kept.golden_id)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("corrections", "course_id, question, words"),
        ("golden_questions", "course_id, question, kind"),
    ],
)
def test_the_database_lets_only_teachers_of_a_course_write_for_it(world: World, table: str, columns: str) -> None:
    values = "'What?', 'That.'" if table == "corrections" else "'What?', 'unanswerable'"
    with connect(world.settings, Role.API, autocommit=True) as raw:
        for name in ("ann", "una", "sue", "out"):
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level"),
                acting_as(raw, world.accounts[name]),
            ):
                raw.execute(f"insert into app.{table} ({columns}) values (%s, {values})", [BIOLOGY])
        with raw.transaction(force_rollback=True), acting_as(raw, world.accounts["tom"]):
            assert raw.execute(f"insert into app.{table} ({columns}) values (%s, {values})", [BIOLOGY]).rowcount == 1


def test_teachers_remove_their_corrections_and_no_other_file(world: World, corrected: Any) -> None:
    document = document_of(world, corrected.correction_id)
    with connect(world.settings, Role.API, autocommit=True) as raw:
        for name, wanted, gone in [
            ("ann", document, 0),
            ("una", document, 0),
            ("tom", world.documents["page"], 0),
            ("tom", document, 1),
        ]:
            with acting_as(raw, world.accounts[name]), raw.transaction(force_rollback=True):
                rows = raw.execute("delete from content.documents where document_id = %s", [wanted]).rowcount
            assert (name, rows) == (name, gone)


def test_golden_questions_are_kept_with_words_that_stand_in_the_course(
    tom: Client, world: World, corrected: Any
) -> None:
    mine, document = tom.questions(BIOLOGY), document_of(world, corrected.correction_id)
    quote = "Glycolysis gives a net of two\n ATP per molecule of glucose."
    new = NewGolden(question=f"net ATP? {uuid4()}", kind="answerable", document_id=document, quote=quote)
    kept = mine.keep_golden(new)
    assert kept.quotes == [" ".join(quote.split())]
    assert kept in mine.golden(limit=200).items
    with pytest.raises(Rejected, match="kept already"):
        mine.keep_golden(new)
    for wrong, why in [
        ({"quote": "a net of three ATP"}, "do not stand"),
        ({"document_id": uuid4()}, "none of this course"),
    ]:
        with pytest.raises(Rejected, match=why):
            mine.keep_golden(new.model_copy(update={"question": "Another?", **wrong}))
    with pipeline(world) as connection:
        (golden,) = [one for one in golden_kept.kept(connection, COURSE) if one.question == new.question]
    assert (golden.kind, golden.asker.username) == ("answerable", "ann")
    (place,) = golden.answers
    assert (place.module, place.file, place.section) == (None, "correction.html", QUESTION)
    mine.forget_golden(kept.golden_id)
    assert kept not in mine.golden(limit=200).items


def test_before_anything_was_put_together_the_page_is_empty_and_asking_again_joins(tom: Client, world: World) -> None:
    as_admin(world, "delete from app.question_digests where course_id = %s", BIOLOGY)
    as_admin(world, "delete from app.work_requests where kind = 'questions'")
    found = tom.questions(BIOLOGY).read()
    assert (found.made_at, found.digest, found.request) == (None, None, None)
    assert tom.questions(BIOLOGY).refresh().request == "queued"
    tom.questions(BIOLOGY).refresh()
    rows = as_admin(
        world,
        "select count(*) from app.work_requests where kind = 'questions' and payload ->> 'course_id' = %s",
        BIOLOGY,
    )
    assert rows == [(1,)]
    as_admin(world, "delete from app.work_requests where kind = 'questions'")


def test_the_digest_is_made_by_the_pipeline_and_read_by_teachers(tom: Client, world: World) -> None:
    with connect(world.settings, Role.ADMIN) as connection, speaking_as(connection, Role.PIPELINE):
        made = questions.make(connection, open_named("minilm"), BIOLOGY, datetime.now(UTC), "run")
    found = tom.questions(BIOLOGY).read()
    assert found.digest == made
    assert made.is_withheld, "ann and ben alone asked here"
    assert (made.asks, made.askers, made.topics) == (0, 0, [])
    with connect(world.settings, Role.API, autocommit=True) as raw:
        for name, count in {"tom": 1, "root": 1, "ann": 0, "una": 0, "sue": 0, "out": 0}.items():
            with acting_as(raw, world.accounts[name]):
                rows = raw.execute("select from app.question_digests where course_id = %s", [BIOLOGY]).fetchall()
            assert (name, len(rows)) == (name, count)
