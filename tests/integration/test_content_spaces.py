"""A new embedding space beside the old one: nothing is missing from search at any moment."""

from collections.abc import Iterator

import pytest
from content_world import COURSE, NUMBER, PARAGRAPH, SITE, World, open_world
from other_embeddings import provided
from pgvector import HalfVector

from studium.content.embed import open_named
from studium.content.fill import fill_space
from studium.content.intake import register_upload, sync_course
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.settings import Settings
from studium.tutor.evaluations import NOTHING, decide


@pytest.fixture(scope="module")
def world_settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return open_world(settings, tmp_path_factory.mktemp("spaces"))


@pytest.fixture
def old(world_settings: Settings) -> World:
    with connect(world_settings, Role.ADMIN) as connection:
        connection.execute("truncate content.documents, content.spaces, content.scopes, raw.materials cascade")
    world = World(world_settings)
    add_page(world, "page:1", PARAGRAPH)
    owner = world.add_account()
    with world.connect() as connection:
        register_upload(world.store, connection, owner, "mine.txt", b"My own words about leaves.", title="Mine")
    world.ingest()
    world.ingest(course=None)
    return world


@pytest.fixture
def new(old: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The same installation, told to use another model."""
    with provided(monkeypatch) as name:
        yield World(old.settings.model_copy(update={"embeddings": f"{name}-16"}))


def add_page(world: World, key: str, text: str) -> None:
    world.put_material(key, f"<h2>Transport</h2><p>{text}</p>".encode())
    with world.connect() as connection:
        sync_course(connection, CourseKey(SITE, NUMBER))


def let_in(world: World) -> str:
    with world.connect() as connection:
        return decide(connection, world.settings).why


def spaces(world: World) -> dict[str, tuple[str, int]]:
    found = world.rows(
        "select model, status, (select count(*) from content.vectors as v where v.space_id = s.space_id) "
        "from content.spaces as s"
    )
    return {model: (status, vectors) for model, status, vectors in found}


def test_first_space_answers_as_soon_as_it_is_whole(old: World) -> None:
    assert spaces(old) == {"minilm": ("active", 2)}


def test_new_space_waits_to_be_let_in_and_is_not_before_it_is_whole(new: World) -> None:
    assert fill_space(new.connect, new.settings, COURSE) == 1
    assert spaces(new) == {"minilm": ("active", 2), "ollama:other-16": ("building", 1)}
    assert let_in(new) == NOTHING
    assert fill_space(new.connect, new.settings, None) == 1
    assert spaces(new) == {"minilm": ("active", 2), "ollama:other-16": ("building", 2)}
    assert new.problems() == []
    assert let_in(new) == "there are no golden questions to compare by"
    assert spaces(new) == {"minilm": ("retired", 2), "ollama:other-16": ("active", 2)}
    assert new.problems() == []
    assert fill_space(new.connect, new.settings, COURSE) == 0


def test_document_of_the_meantime_is_found_in_both(new: World) -> None:
    fill_space(new.connect, new.settings, COURSE)
    add_page(new, "page:2", "Stomata open by day.")
    report = new.ingest()
    assert (report.ready, report.embedded, report.space_is_active) == (1, 2, False)
    assert spaces(new) == {"minilm": ("active", 3), "ollama:other-16": ("building", 2)}
    assert new.problems() == []


def test_going_back_uses_what_is_still_there(new: World, old: World) -> None:
    for course in (COURSE, None):
        fill_space(new.connect, new.settings, course)
    let_in(new)
    add_page(new, "page:2", "Stomata open by day.")
    new.ingest()
    assert spaces(new) == {"minilm": ("retired", 2), "ollama:other-16": ("active", 3)}
    assert fill_space(old.connect, old.settings, COURSE) == 1
    let_in(old)
    assert spaces(old) == {"minilm": ("active", 3), "ollama:other-16": ("retired", 3)}


def test_old_model_that_is_gone_leaves_new_documents_to_their_words(
    new: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from studium.content import spaces as module
    from studium.content.minilm import ModelError

    def refuse(name: str) -> None:
        raise ModelError("deleted")

    monkeypatch.setattr(module, "open_named", refuse)
    add_page(new, "page:2", "Stomata open by day.")
    report = new.ingest()
    assert (report.ready, report.space_is_active) == (1, False)
    assert spaces(new) == {"minilm": ("active", 2), "ollama:other-16": ("building", 1)}
    assert "cannot be opened" in caplog.text


NEAR = """
select count(*) from content.vectors
where case when vector_dims(embedding) = 16 then embedding <=> %s::halfvec < 0.001 end
"""


def test_filled_vector_is_the_one_ingest_would_make(new: World) -> None:
    fill_space(new.connect, new.settings, COURSE)
    fill_space(new.connect, new.settings, None)
    texts = {f"Transport\n\n{PARAGRAPH}", "My own words about leaves."}
    for text in texts:
        vector = HalfVector(open_named("ollama:other-16").embed_query(text)).to_text()
        assert new.rows(NEAR, vector) == [(1,)]
