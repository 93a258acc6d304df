"""Files over HTTP: shown where that is safe, in parts, never able to act from our address; uploads and their end."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from api_world import BIOLOGY, PDF, World
from starlette.testclient import TestClient

from studium.client import Client, NotFound, Rejected
from studium.database.pool import Role, connect

Headers = Callable[[str], dict[str, str]]
As = Callable[[str], Client]


@pytest.fixture
def content(api: TestClient, world: World, headers: Headers) -> Callable[..., object]:
    def get(name: str, **more: str) -> object:
        return api.get(f"/api/v1/documents/{world.documents[name]}/content", headers=headers("ann") | more)

    return get


def test_a_pdf_opens_in_the_browser_and_in_parts(content: Callable[..., object]) -> None:
    whole = content("pdf")
    assert whole.content == PDF
    assert whole.headers["content-type"] == "application/pdf"
    assert whole.headers["content-disposition"].startswith("inline")
    assert "sandbox" not in whole.headers["content-security-policy"]
    part = content("pdf", Range="bytes=5-104")
    assert (part.status_code, part.content) == (206, PDF[5:105])
    assert part.headers["content-range"] == f"bytes 5-104/{len(PDF)}"
    assert "content-encoding" not in part.headers
    assert content("pdf", Range="bytes=-10").content == PDF[-10:]
    past = content("pdf", Range=f"bytes={len(PDF)}-")
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{len(PDF)}")
    assert content("pdf", Range="lines=1-2").status_code == 200


@pytest.mark.parametrize("name", ["page", "svg", "odd"])
def test_nothing_handed_in_runs_here(content: Callable[..., object], name: str) -> None:
    answer = content(name)
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_html_is_cleaned_and_the_unknown_is_a_download(content: Callable[..., object]) -> None:
    page = content("page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "All life is made of cells." in page.text
    assert "alert" not in page.text
    assert "onclick" not in page.text
    odd = content("odd")
    assert odd.headers["content-type"] == "application/octet-stream"
    assert odd.headers["content-disposition"].startswith("attachment")
    assert unquote(odd.headers["content-disposition"].rpartition("''")[2]) == "odd “ü”.bin"


def test_a_file_that_is_gone_is_a_problem(world: World, api: TestClient, headers: Headers) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        lost = connection.execute(
            "insert into content.documents (source, course_id, title, object_path, status) "
            "values ('file', %s, 'Lost', 'files/nowhere', 'ready') returning document_id",
            [BIOLOGY],
        ).fetchone()[0]
    answer = api.get(f"/api/v1/documents/{lost}/content", headers=headers("ann"))
    assert (answer.status_code, answer.json()["detail"]) == (404, "The file of this document is missing.")


def test_text_comes_in_order(client: As, world: World) -> None:
    page = client("ann").document_text(world.documents["page"])
    assert [chunk.text for chunk in page.items] == ["The needle lies here."]
    assert page.next is None


def test_an_upload_is_its_owners_and_asks_for_work(client: As, world: World) -> None:
    ann = client("ann")
    sent = ann.upload(
        "../notes.pdf", PDF, title="My notes", subject="Cells", tags=["exam", "week 1"], course_id=BIOLOGY
    )
    assert (sent.title, sent.filename, sent.subject, sent.tags) == (
        "My notes",
        "notes.pdf",
        "Cells",
        ["exam", "week 1"],
    )
    assert (sent.status, sent.source, sent.media_type, sent.byte_size) == (
        "processing",
        "upload",
        "application/pdf",
        len(PDF),
    )
    assert ann.uploads(limit=1).items[0].document_id == sent.document_id
    assert ann.document_content(sent.document_id) == PDF
    with connect(world.settings, Role.ADMIN) as connection:
        asked = connection.execute(
            "select kind, requested_by from app.work_requests where payload ->> 'document_id' = %s",
            [str(sent.document_id)],
        ).fetchall()
    assert asked == [("upload", world.accounts["ann"])]
    for name in ("ben", "tom", "root"):
        with pytest.raises(NotFound):
            client(name).upload_status(sent.document_id)


def test_removing_an_upload_removes_its_bytes_when_nothing_else_needs_them(client: As, world: World) -> None:
    ann, data = client("ann"), PDF + b"once"
    first, second = (ann.upload("notes.pdf", data) for _ in range(2))
    kept = [
        path for path in (world.settings.home / "storage").rglob("*") if path.is_file() and path.read_bytes() == data
    ]
    assert len(kept) == 1
    ann.delete_upload(first.document_id)
    assert kept[0].exists()
    assert ann.document_content(second.document_id) == data
    ann.delete_upload(second.document_id)
    assert not kept[0].exists()
    with pytest.raises(NotFound):
        ann.delete_upload(second.document_id)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"filename": "a.txt", "data": b""}, 422),
        ({"filename": "a.txt", "data": b"x" * 2_000_001}, 413),
        ({"filename": "a.txt", "data": b"x" * 2_200_000}, 413),
        ({"filename": "a.txt", "data": b"x", "title": "t" * 201}, 422),
        ({"filename": "a.txt", "data": b"x", "title": "nul\0"}, 422),
        ({"filename": "a.txt", "data": b"x", "tags": ["t"] * 21}, 422),
        ({"filename": "a.txt", "data": b"x", "course_id": "nonsense"}, 422),
        ({"filename": "a.txt", "data": b"x", "course_id": "test-site:2"}, 404),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(
    client: As, arguments: dict[str, object], status: int
) -> None:
    ann = client("ann")
    before = ann.uploads().items
    with pytest.raises((Rejected, NotFound)) as refused:
        ann.upload(**arguments)
    assert refused.value.problem.status == status
    assert ann.uploads().items == before


def test_uploads_come_newest_first_page_by_page(client: As) -> None:
    dan = client("dan")
    sent = [dan.upload(f"{number}.txt", b"text").document_id for number in range(3)]
    first = dan.uploads(limit=2)
    rest = dan.uploads(limit=100, after=first.next)
    assert [upload.document_id for upload in first.items + rest.items][:3] == sent[::-1]
