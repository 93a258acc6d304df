"""What a learner finds before and after what happens to a course, and what is left when a sync fails half-way."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from invented_site import add_document, documents_seen
from moodle_site.changes import change_group, hide_section, vanish
from moodle_site.recordings import Recordings
from moodle_site.site import Site
from psycopg import Connection
from sync_world import SyncWorld, written

from studium.database.pool import Role, connect
from studium.moodle.errors import HeldError
from studium.moodle.standing import approve, hold
from studium.moodle.webservice.errors import AuthenticationError
from studium.settings import Settings

STUDENT = 3
"""Moodle's number of a learner in tutorial group A."""


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[SyncWorld]:
    with Site() as site:
        made = SyncWorld(settings, site)
        made.sync(2)
        made.load(2)
        yield made


@pytest.fixture(autouse=True)
def as_it_was(world: SyncWorld) -> Iterator[None]:
    """Every test leaves the Moodle and the course as the first sync found them."""
    yield
    world.site.recordings, world.site.refused = Recordings(), {}
    world.sync(2)
    with world.connect() as connection:
        connection.execute("update raw.course_syncs set approved_at = now()")
    world.load(2)


class Looking:
    """One passage in each module, and accounts that look for it; rolled back with the connection."""

    def __init__(self, world: SyncWorld, connection: Connection) -> None:
        self.world, self.connection, course = world, connection, world.course(2)
        self.modules: dict[UUID, int] = {}
        for (cmid,) in connection.execute(
            "select cmid from raw.modules where site_id = %s and course_id = 2 order by cmid", [course.site_id]
        ).fetchall():
            keys = {"course_id": str(course), "module_id": f"{course.site_id}:{cmid}", "material_key": f"test:{cmid}"}
            self.modules[add_document(connection, **keys)] = cmid

    def account(self, user_id: int | None) -> UUID:
        row = self.connection.execute(
            "insert into app.accounts (email, display_name, is_admin) values (%s, 'Somebody', %s) returning account_id",
            [f"{uuid4()}@example.test", user_id is None],
        ).fetchone()
        assert row
        account_id: UUID = row[0]
        if user_id is not None:
            self.connection.execute(
                "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
                [self.world.course(2).site_id, user_id, account_id],
            )
        return account_id

    def sees(self, account: UUID) -> set[int]:
        """The cmids of what search and the policies give an account."""
        return {self.modules[one] for one in documents_seen(self.connection, account) if one in self.modules}


def editing_teacher(world: SyncWorld) -> int:
    """Who may see hidden sections."""
    return next(user for user, role in world.rows("role_assignments", 2, "user_id, role") if role == "editingteacher")


@pytest.fixture
def looking(world: SyncWorld) -> Iterator[Looking]:
    """Sees what others commit; what it adds itself is removed."""
    with connect(world.settings, Role.ADMIN, autocommit=True) as connection:
        made = Looking(world, connection)
        yield made
        connection.execute("delete from content.documents where document_id = any(%s)", [list(made.modules)])
        connection.execute("delete from app.moodle_links where site_id = %s", [world.course(2).site_id])


def test_a_hidden_section_is_found_by_no_learner_any_more(world: SyncWorld, looking: Looking) -> None:
    student, teacher = looking.account(STUDENT), looking.account(editing_teacher(world))
    [inside] = [row[2] for row in world.rows("sections", 2, "number, section_id, sequence") if row[0] == 2]
    before = looking.sees(student)
    assert set(inside) & before
    hide_section(world.site, 2, 2)
    world.sync(2)
    assert looking.sees(student) == before, "until the new snapshot is loaded"
    assert written(world.load(2)) == {"sections": (1, 0)}
    assert looking.sees(student) == before - set(inside)
    assert set(inside) <= looking.sees(teacher)


def test_a_learner_in_another_group_finds_that_groups_pages(world: SyncWorld, looking: Looking) -> None:
    with world.connect() as connection:
        found = connection.execute(
            "select cmid, (availability -> 'c' -> 0 ->> 'id')::integer from raw.modules where site_id = %s "
            "and course_id = 2 and availability -> 'c' -> 0 ->> 'type' = 'group'",
            [world.course(2).site_id],
        ).fetchall()
    [(cmid, group)] = found
    member = {user for user, of in world.rows("group_members", 2, "user_id, group_id") if of == group and user < 40}
    outside = {user: of for user, of in world.rows("group_members", 2, "user_id, group_id") if user not in member}
    user, old = next(iter(outside.items()))
    student = looking.account(user)
    before = looking.sees(student)
    assert cmid not in before
    change_group(world.site, 2, user, old=old, new=group)
    world.sync(2)
    assert written(world.load(2)) == {"group_members": (1, 1)}
    assert looking.sees(student) == before | {cmid}


def test_in_a_vanished_course_nobody_finds_anything_until_it_is_back(world: SyncWorld, looking: Looking) -> None:
    accounts = [looking.account(user) for user in (STUDENT, editing_teacher(world), None)]
    before = [looking.sees(account) for account in accounts]
    assert all(before)
    modules = world.rows("modules", 2)
    vanish(world.site, 2)
    assert world.sync(2).is_gone
    assert [looking.sees(account) for account in accounts] == [set(), set(), set()]
    assert world.rows("modules", 2) == modules
    assert world.standing(2)["state"] == "gone"
    world.site.recordings = Recordings()
    assert not world.sync(2).is_gone
    assert [looking.sees(account) for account in accounts] == before
    assert world.standing(2)["state"] == "idle"


def test_a_token_that_dies_half_way_leaves_everything_as_it_was(world: SyncWorld, settings: Settings) -> None:
    world.edit("page_edit", 2)
    tables = {table: world.rows(table, 2) for table in ("course_syncs", "materials", "sections", "enrolments")}
    standing = world.standing(2)
    answered = world.site.recordings.answer

    def dying(function: str, account: str, params: dict[str, str]) -> object:
        if function == "mod_page_get_pages_by_courses":
            world.site.refused["service"] = "expired_token"
        return answered(function, account, params)

    world.site.recordings.answer = dying  # type: ignore[method-assign, assignment]
    with pytest.raises(AuthenticationError):
        world.sync(2)
    assert {table: world.rows(table, 2) for table in tables} == tables
    failed = world.standing(2)
    assert (failed["state"], failed["fingerprint"]) == ("failed", standing["fingerprint"])
    assert "Access control exception" in failed["error"]
    world.site.refused.clear()
    world.site.recordings.answer = answered  # type: ignore[method-assign]
    assert world.sync(2).changed
    assert written(world.load(2)) == {"materials": (1, 0)}
    assert world.standing(2)["state"] == "idle"


def test_much_gone_at_once_waits_for_a_person(world: SyncWorld) -> None:
    modules = world.rows("modules", 2)
    for sections in world.site.recordings.to_edit("core_course_get_contents", courseid="2"):
        for section in sections[2:5]:
            section["modules"] = []
    world.sync(2)
    with pytest.raises(HeldError, match="are gone at once; if that is right, run: studium moodle approve") as held:
        world.load(2)
    assert world.rows("modules", 2) == modules
    with world.connect() as connection:
        assert not approve(connection, world.course(2)), "nothing waits yet"
        hold(connection, world.course(2), held.value.gone)
        assert world.standing(2)["held"] == held.value.gone
        assert not world.sync(2).changed
        assert world.standing(2)["state"] == "held", "the next sync does not let it through"
        assert approve(connection, world.course(2))
    removed = written(world.load(2))["modules"][1]
    assert removed == len(held.value.gone["modules"]) > len(modules) / 5
    standing = world.standing(2)
    assert (standing["state"], standing["held"]) == ("idle", None)
