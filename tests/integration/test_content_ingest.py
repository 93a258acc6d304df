"""Documents from registered to searchable, with the real reader, model and database."""

from pathlib import Path

import psycopg
import pytest
from content_world import COURSE, NUMBER, PARAGRAPH, SITE, World, open_world

from studium.content.embed import open_named
from studium.content.intake import register_file, register_upload, safe_name, sync_course
from studium.database.pool import Role, acting_as, connect
from studium.moodle.keys import CourseKey
from studium.settings import Settings

KEY = CourseKey(SITE, NUMBER)


@pytest.fixture(scope="module")
def world_settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return open_world(settings, tmp_path_factory.mktemp("content"))


@pytest.fixture
def world(world_settings: Settings) -> World:
    world = World(world_settings)
    with connect(world_settings, Role.ADMIN) as connection:
        connection.execute("truncate content.documents, content.spaces, content.scopes, raw.materials cascade")
    return world


def page(paragraphs: list[str], heading: str = "Transport") -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"<h2>{heading}</h2>{body}".encode()


def sync(world: World) -> tuple[int, int, int, int]:
    with world.connect() as connection:
        done = sync_course(connection, KEY)
    return done.materials, done.added, done.changed, done.removed


def test_course_from_materials_to_vectors(world: World) -> None:
    world.put_material("page:1", page([PARAGRAPH]), title="Plant transport")
    world.put_material("book:2:chapter:1", page([PARAGRAPH], "Roots"), title="The book", heading="Chapter one")
    world.put_material("resource:3:file:/x.pdf", b"%PDF-1.4 broken", filename="x.pdf", media_type="application/pdf")
    assert sync(world) == (3, 3, 0, 0)
    report = world.ingest()
    assert (report.ready, dict(report.failed), report.space_is_active) == (2, {"broken": 1}, True)
    assert world.rows(
        "select material_key, title, status, status_reason, media_type from content.documents order by 1"
    ) == [
        ("book:2:chapter:1", "Chapter one", "ready", None, "text/html"),
        ("page:1", "Plant transport", "ready", None, "text/html"),
        ("resource:3:file:/x.pdf", "A page", "failed", "broken", "application/pdf"),
    ]
    assert world.rows("select chapter, heading, page, run_id from content.chunks order by chapter nulls last") == [
        ("Chapter one", "Roots", None, "test"),
        (None, "Transport", None, "test"),
    ]
    assert world.problems() == []


def test_vector_is_that_of_the_passage_under_its_heading(world: World) -> None:
    world.put_material("page:1", page([PARAGRAPH]))
    sync(world)
    world.ingest()
    vector = open_named("minilm").embed_query(f"Transport\n\n{PARAGRAPH}")
    assert world.rows("select (embedding <#> %s::halfvec) < -0.999 from content.vectors", str(vector)) == [(True,)]


def test_second_run_does_nothing(world: World) -> None:
    for number in range(3):
        world.put_material(f"page:{number}", page([PARAGRAPH, f"Page {number}."]))
    sync(world)
    world.ingest()
    before = world.rows("select document_id, xmin, updated_at from content.documents order by 1")
    assert sync(world) == (3, 0, 0, 0)
    report = world.ingest()
    assert (report.ready, report.embedded, report.read_seconds) == (0, 0, 0)
    assert world.rows("select document_id, xmin, updated_at from content.documents order by 1") == before


def test_changed_paragraph_costs_one_embedding(world: World) -> None:
    paragraphs = [f"Paragraph {number} says this. {PARAGRAPH} {PARAGRAPH}" for number in range(12)]
    world.put_material("page:1", page(paragraphs))
    sync(world)
    first = world.ingest()
    paragraphs[5] = paragraphs[5].replace("dead at maturity", "dead when mature")
    world.put_material("page:1", page(paragraphs))
    assert sync(world) == (1, 0, 1, 0)
    second = world.ingest()
    assert (second.passages, second.embedded) == (first.passages, 1)
    assert first.passages > 6
    assert world.rows("select count(*) from content.chunks where text like '%%dead when mature%%'") == [(1,)]
    assert world.problems() == []


def test_material_that_is_gone_takes_everything_with_it(world: World) -> None:
    world.put_material("page:1", page([PARAGRAPH]))
    world.put_material("page:2", page(["Another."]))
    sync(world)
    world.ingest()
    world.remove_material("page:1")
    assert sync(world) == (1, 0, 0, 1)
    assert world.rows("select count(distinct document_id) from content.vectors") == [(1,)]
    assert world.problems() == []


def test_moved_material_is_not_read_again(world: World) -> None:
    world.put_material("page:1", page([PARAGRAPH]))
    sync(world)
    world.ingest()
    world.put_material("page:1", page([PARAGRAPH]), cmid=9, section_id=4, group_id=3)
    assert sync(world) == (1, 0, 1, 0)
    assert world.rows("select status, module_id, section_id, group_id from content.documents") == [
        ("ready", f"{SITE}:9", f"{SITE}:4", 3)
    ]


def test_version_that_cannot_be_read_takes_the_place_of_the_one_that_could(world: World) -> None:
    world.put_material("page:1", page([PARAGRAPH]))
    sync(world)
    world.ingest()
    world.put_material("page:1", b" ")
    sync(world)
    assert dict(world.ingest().failed) == {"empty": 1}
    assert world.rows("select count(*) from content.chunks") == [(0,)]
    world.put_material("page:1", page([PARAGRAPH]))
    sync(world)
    assert world.ingest().ready == 1
    assert world.rows("select status_reason, status_detail from content.documents") == [(None, None)]


def test_same_text_in_two_documents_is_embedded_once(world: World) -> None:
    world.put_material("page:1", page([PARAGRAPH]))
    world.put_material("page:2", page([PARAGRAPH]))
    sync(world)
    report = world.ingest()
    assert (report.passages, report.embedded, report.reused) == (2, 1, 1)


def test_object_that_is_gone_fails_its_document_alone(world: World) -> None:
    world.put_material("page:1", page([PARAGRAPH]), object_path="materials/nothing")
    world.put_material("page:2", page([PARAGRAPH]))
    sync(world)
    report = world.ingest()
    assert (report.ready, dict(report.failed)) == (1, {"missing": 1})


def test_loose_file_takes_the_place_of_its_older_version(world: World, tmp_path: Path) -> None:
    file = tmp_path / "Notes week 1.md"
    file.write_text(f"# Week 1\n\n{PARAGRAPH}\n")
    with world.connect() as connection:
        first = register_file(world.store, connection, file, COURSE)
    assert world.ingest().ready == 1
    with world.connect() as connection:
        assert register_file(world.store, connection, file, COURSE) == first
    assert world.rows("select title, source, status, media_type from content.documents") == [
        ("Notes week 1", "file", "ready", "text/markdown")
    ]
    file.write_text("# Week 1\n\nShorter.\n")
    with world.connect() as connection:
        assert register_file(world.store, connection, file, COURSE) == first
    assert world.ingest().ready == 1
    assert world.rows("select text from content.chunks") == [("Week 1\n\nShorter.",)]
    assert world.rows("select object_path like 'shared/courses/content-site:7/files/%%' from content.documents") == [
        (True,)
    ]


def test_upload_is_its_owners_alone(world: World) -> None:
    owner, other = world.add_account(), world.add_account()
    with connect(world.settings, Role.API) as connection:
        with acting_as(connection, owner):
            document = register_upload(
                world.store,
                connection,
                owner,
                "../../notes\u202etxt.md",
                PARAGRAPH.encode(),
                title=" My\nnotes ",
                tags=["a"],
            )
        with (
            acting_as(connection, other),
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            connection.transaction(),
        ):
            register_upload(world.store, connection, owner, "x.txt", b"text", title="x")
    assert world.ingest(course=None).ready == 1
    assert world.rows("select document_id, title, filename, tags, object_path from content.documents") == [
        (document, "My notes", "notestxt.md", ["a"], world.rows("select object_path from content.documents")[0][0])
    ]
    for account, seen in ((owner, 1), (other, 0)):
        with connect(world.settings, Role.API) as connection, acting_as(connection, account):
            assert connection.execute("select count(*) from content.passages").fetchone() == (seen,)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\notes\\x.pdf", "x.pdf"),
        ("a\x00b\n.txt", "ab .txt"),
        ("מבוא 🌱.pdf", "מבוא 🌱.pdf"),
        ("..", "file"),
        ("", "file"),
        ('a<b>:"c|d?*.txt', "a_b___c_d__.txt"),
    ],
)
def test_names_are_kept_as_far_as_they_are_safe(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_long_name_keeps_its_suffix() -> None:
    assert len(safe_name("x" * 500 + ".pdf")) == 200
    assert safe_name("x" * 500 + ".pdf").endswith("x.pdf")


def test_document_changed_while_it_was_read_is_left_to_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studium.content import ingest as module

    world.put_material("page:1", page([PARAGRAPH]))
    sync(world)
    embed = module.embed_named

    def change_meanwhile(*given: object) -> object:
        world.put_material("page:1", page(["Something else."]))
        sync(world)
        return embed(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "embed_named", change_meanwhile)
    report = world.ingest()
    assert (report.ready, report.left) == (0, 1)
    monkeypatch.undo()
    assert world.ingest().ready == 1
    assert world.rows("select text from content.chunks") == [("Transport\n\nSomething else.",)]
