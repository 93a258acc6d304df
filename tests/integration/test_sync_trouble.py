"""What people find before and after what happens to a course; and a snapshot that waits for somebody to agree.

PHA203 as it is synced over HTTP, its pages read and embedded, searched as the API searches for named people.
"""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from content_world import open_world
from moodle_site.changes import change_condition, change_group, hide_section, show, vanish
from moodle_site.edits import edit
from moodle_site.site import Site
from sync_world import SyncWorld, tell_what_was_not_recorded, written

from studium.content.embed import open_embedder
from studium.content.ingest import ingest
from studium.content.intake import sync_course as register_documents
from studium.content.intake import waiting
from studium.database.pool import Role, acting_as, connect
from studium.moodle.errors import HeldError
from studium.moodle.standing import approve, hold
from studium.retrieval.search import search
from studium.settings import Settings

COURSE = 4
IN_GROUP_A, IN_GROUP_B, TEACHER = 9, 10, 43
"""Moodle's numbers of s2026107, of s2026108, and of an editing teacher."""
GROUPS = (9, 10)
HALF_LIFE, MODEL_ANSWERS, CHECKLIST, DRAFT = 69, 76, 77, 78
SECTION_OF_HALF_LIFE = 3
QUESTIONS = {
    HALF_LIFE: "What determines the half-life in first-order elimination?",
    MODEL_ANSWERS: "Where are the model answers for the tutorial group?",
    CHECKLIST: "Is there a checklist for the January exam?",
    DRAFT: "Which question has a low discrimination index?",
}
"""By page, what it answers."""
IN_NOVEMBER, IN_DECEMBER = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)


class Readers(SyncWorld):
    """The installation, and accounts of people and of an administrator (None)."""

    accounts: dict[int | None, UUID]

    def add_accounts(self) -> None:
        self.accounts = {}
        with connect(self.settings, Role.ADMIN) as connection:
            for user in (IN_GROUP_A, IN_GROUP_B, TEACHER, None):
                [(account,)] = connection.execute(
                    "insert into app.accounts (email, display_name, is_admin) values (%s, 'Somebody', %s) "
                    "returning account_id",
                    [f"{user or 'chief'}@example.test", user is None],
                ).fetchall()
                self.accounts[user] = account
                if user is not None:
                    connection.execute(
                        "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
                        [self.course(COURSE).site_id, user, account],
                    )

    def read(self) -> None:
        """Read and embed the four pages that are asked about."""
        with connect(self.settings, Role.PIPELINE) as connection:
            register_documents(connection, self.course(COURSE))
            due = waiting(connection, str(self.course(COURSE)))
            asked = connection.execute(
                "select document_id from content.documents where document_id = any(%s) and material_key = any(%s)",
                [due, [f"page:{cmid}" for cmid in QUESTIONS]],
            ).fetchall()
        ingest(lambda: connect(self.settings, Role.PIPELINE), self.store, self.settings, [row[0] for row in asked])

    def finds(self, page: int, user: int | None, at: datetime = IN_NOVEMBER) -> bool:
        """Whether a search for what a page answers gives a person that page."""
        embedder = open_embedder(self.settings)
        with connect(self.settings, Role.API) as connection, acting_as(connection, self.accounts[user], at):
            found = search(connection, embedder, QUESTIONS[page], course_id=str(self.course(COURSE)))
        return f"{self.course(COURSE).site_id}:{page}" in {passage.module_id for passage in found}

    def bring(self) -> dict[str, tuple[int, int]]:
        self.sync(COURSE)
        return written(self.load(COURSE))


@pytest.fixture(scope="module")
def world(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    with Site() as site:
        tell_what_was_not_recorded(site)
        made = Readers(open_world(settings, Path(tmp_path_factory.mktemp("trouble"))), site)
        made.bring()
        made.read()
        made.add_accounts()
        yield made


@pytest.fixture(autouse=True)
def as_it_was(world: Readers) -> Iterator[None]:
    """Every test leaves the Moodle and the course as the first sync found them."""
    recordings, files = copy.deepcopy(world.site.recordings), copy.deepcopy(world.site.files)
    yield
    world.site.recordings, world.site.files = recordings, files
    world.sync(COURSE)
    with world.connect() as connection:
        connection.execute("update raw.course_syncs set approved_at = now()")
    world.load(COURSE)
    world.read()


def test_a_hidden_section_is_found_by_no_learner_any_more(world: Readers) -> None:
    people = (IN_GROUP_A, IN_GROUP_B, TEACHER, None)
    assert [world.finds(HALF_LIFE, user) for user in people] == [True, True, True, True]
    hide_section(world.site, COURSE, SECTION_OF_HALF_LIFE)
    world.sync(COURSE)
    assert [world.finds(HALF_LIFE, user) for user in people] == [True, True, True, True], "it is not loaded yet"
    assert written(world.load(COURSE)) == {"sections": (1, 0)}
    assert [world.finds(HALF_LIFE, user) for user in people] == [False, False, True, True]


def test_a_learner_in_another_group_finds_that_groups_pages(world: Readers) -> None:
    people = (IN_GROUP_A, IN_GROUP_B, TEACHER, None)
    assert [world.finds(MODEL_ANSWERS, user) for user in people] == [True, False, True, True]
    for user, old, new in ((IN_GROUP_A, *GROUPS), (IN_GROUP_B, *reversed(GROUPS))):
        change_group(world.site, COURSE, user, old=old, new=new)
    assert world.bring() == {"group_members": (2, 2)}
    assert [world.finds(MODEL_ANSWERS, user) for user in people] == [False, True, True, True]


def test_in_a_vanished_course_nobody_finds_anything_until_it_is_back(world: Readers) -> None:
    people = (IN_GROUP_A, IN_GROUP_B, TEACHER, None)
    assert [world.finds(HALF_LIFE, user) for user in people] == [True, True, True, True]
    modules, there = world.rows("modules", COURSE), copy.deepcopy(world.site.recordings)
    vanish(world.site, COURSE)
    assert world.sync(COURSE).is_gone
    assert [world.finds(HALF_LIFE, user) for user in people] == [False, False, False, False]
    assert not world.load(COURSE).moves_permission
    assert [world.finds(HALF_LIFE, user) for user in people] == [False, False, False, False], "taken before it went"
    assert world.rows("modules", COURSE) == modules
    assert world.standing(COURSE)["state"] == "gone"
    world.site.recordings = there
    assert not world.sync(COURSE).is_gone
    assert [world.finds(HALF_LIFE, user) for user in people] == [True, True, True, True]
    assert world.standing(COURSE)["state"] == "idle"


def test_a_page_whose_date_has_come_is_found_from_then_on(world: Readers) -> None:
    """The date comes without a sync; that a teacher moves it is told by one."""
    people = (IN_GROUP_A, IN_GROUP_B, TEACHER, None)
    assert [world.finds(CHECKLIST, user, IN_NOVEMBER) for user in people] == [False, False, True, True]
    assert [world.finds(CHECKLIST, user, IN_DECEMBER) for user in people] == [True, True, True, True]
    change_condition(world.site, COURSE, CHECKLIST, "1796083200", str(int(IN_NOVEMBER.timestamp()) - 60))
    assert world.bring() == {"modules": (1, 0)}
    assert [world.finds(CHECKLIST, user, IN_NOVEMBER) for user in people] == [True, True, True, True]


def test_a_draft_that_is_rewritten_and_shown_was_never_for_its_new_readers(world: Readers) -> None:
    people = (IN_GROUP_A, IN_GROUP_B, TEACHER, None)
    assert [world.finds(DRAFT, user) for user in people] == [False, False, True, True]
    edit(world.site, "page_edit", course=COURSE, cmid=DRAFT)
    show(world.site, COURSE, DRAFT)
    assert world.bring() == {"modules": (1, 0), "materials": (1, 0)}
    assert [world.finds(DRAFT, user) for user in people] == [False, False, False, False]
    world.read()
    assert [world.finds(DRAFT, user) for user in people] == [True, True, True, True], "what it says now"


def test_much_gone_at_once_waits_for_a_person(world: Readers) -> None:
    modules = world.rows("modules", COURSE)
    for sections in world.site.recordings.to_edit("core_course_get_contents", courseid=str(COURSE)):
        for section in sections[2:5]:
            section["modules"] = []
    world.sync(COURSE)
    with pytest.raises(HeldError, match="are gone at once; if that is right, run: studium moodle approve") as held:
        world.load(COURSE)
    assert world.rows("modules", COURSE) == modules
    with world.connect() as connection:
        assert not approve(connection, world.course(COURSE)), "nothing waits yet"
        hold(connection, world.course(COURSE), world.now - timedelta(minutes=1), {"modules": ["of another snapshot"]})
        assert world.standing(COURSE)["state"] == "idle", "a person is shown only what they would agree to"
        connection.execute("update app.course_sync set state = 'gone'")
        hold(connection, world.course(COURSE), world.now, held.value.gone)
        assert world.standing(COURSE)["state"] == "gone"
        connection.execute("update app.course_sync set state = 'idle'")
        hold(connection, world.course(COURSE), world.now, held.value.gone)
        assert world.standing(COURSE)["held"] == held.value.gone
        assert not world.sync(COURSE).changed
        assert world.standing(COURSE)["state"] == "held", "the next sync does not let it through"
        assert approve(connection, world.course(COURSE))
    removed = written(world.load(COURSE))["modules"][1]
    assert removed == len(held.value.gone["modules"]) > len(modules) / 5
    standing = world.standing(COURSE)
    assert (standing["state"], standing["held"]) == ("idle", None)
