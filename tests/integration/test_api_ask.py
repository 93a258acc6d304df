"""Searching and asking over HTTP, on documents the real pipeline has read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from api_world import BIOLOGY, World
from psycopg import Connection
from starlette.testclient import TestClient

from studium.client import Client, NotFound, Upload
from studium.content.ingest import ingest
from studium.database.pool import Role, connect
from studium.storage import open_store

As = Callable[[str], Client]
NOTES = b"""# Mitochondria

Mitochondria release energy from glucose by aerobic respiration. They have a double membrane.

# Ribosomes

Ribosomes make proteins from amino acids in the cytoplasm of every cell.
"""


@pytest.fixture(scope="module")
def upload(api: TestClient, world: World, headers: Callable[[str], dict[str, str]]) -> Upload:
    """Ann's notes, taken all the way."""
    ann = Client(http=api, access_token=headers("ann")["Authorization"].removeprefix("Bearer "))
    sent = ann.upload("notes.md", NOTES, title="My notes", course_id=BIOLOGY)

    @contextmanager
    def pipeline() -> Iterator[Connection]:
        with connect(world.settings, Role.PIPELINE) as connection:
            yield connection

    report = ingest(pipeline, open_store(world.settings), world.settings, [sent.document_id])
    assert report.ready == 1
    return ann.upload_status(sent.document_id)


def test_an_upload_becomes_ready(upload: Upload) -> None:
    assert (upload.status, upload.status_reason) == ("ready", None)


def test_what_one_handed_in_answers_oneself(client: As, upload: Upload) -> None:
    said = client("ann").ask(BIOLOGY, "What do mitochondria release energy from?")
    assert said.answered
    quote = said.quotes[0]
    assert quote.document_id == upload.document_id
    assert "release energy from glucose" in quote.text
    assert quote.heading == "Mitochondria"
    assert client("ann").document(quote.document_id).title == "My notes"
    assert quote.open_url == f"/api/v1/documents/{upload.document_id}/content"


def test_and_nobody_else(client: As, upload: Upload) -> None:
    for name in ("ben", "tom", "root"):
        said = client(name).ask(BIOLOGY, "What do mitochondria release energy from?")
        found = client(name).search("mitochondria glucose", limit=50)
        documents = {quote.document_id for quote in [*said.quotes, *said.read_next, *found.hits]}
        assert upload.document_id not in documents


def test_what_the_course_does_not_say_is_not_said(client: As, upload: Upload) -> None:
    said = client("ann").ask(BIOLOGY, "Who won the football world cup in 1954?")
    assert not said.answered
    assert said.quotes == []
    assert "does not answer" in said.statement


def test_search_finds_what_one_may_see(client: As, world: World) -> None:
    def found(name: str) -> set[UUID]:
        return {hit.document_id for hit in client(name).search("needle", course_id=BIOLOGY, limit=50).hits}

    assert world.documents["page"] in found("ann")
    assert world.documents["hidden"] not in found("ann")
    assert world.documents["hidden"] in found("tom")
    with pytest.raises(NotFound):
        found("dan")


def test_asking_and_searching_are_remembered(client: As, world: World, upload: Upload) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        rows = connection.execute(
            "select verb, learner_id, course_id, result from app.events where account_id = %s "
            "and verb ~ '(asked|search|attach)$' order by stored_at desc, event_id desc",
            [world.accounts["ann"]],
        ).fetchall()
    by_verb = {verb.rpartition("/")[2]: tuple(rest) for verb, *rest in reversed(rows)}
    assert by_verb["asked"] == (world.learners["ann"], BIOLOGY, {"answered": False, "quotes": 0})
    assert by_verb["attach"][:2] == (world.learners["ann"], BIOLOGY)
    assert "search" in by_verb


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001, "nul\0"])
def test_a_question_must_be_one(api: TestClient, headers: Callable[[str], dict[str, str]], question: str) -> None:
    body = {"course_id": BIOLOGY, "question": question}
    answer = api.post("/api/v1/ask", headers=headers("ann"), json=body)
    assert answer.status_code == 422, answer.text
