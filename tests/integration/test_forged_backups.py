"""Backups handed in by instructors, honest and forged: what they may say, through the API's door and in the load."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_world import OTHER_COURSE, World
from backup_help import WWWROOT, Tiny, as_tar, edit
from invented_site import COURSE, SITE
from obstore.store import ObjectStore
from psycopg import Connection

from studium import work
from studium.accounts.people import PersonError, find_moodle_user
from studium.client import ApiError, Client
from studium.database.pool import Role, connect
from studium.moodle.errors import ForeignBackupError
from studium.moodle.intake import land_backup, newest_backup, refuse_backup, register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.load import Loaded, load_course
from studium.storage import fetch, open_store

MADE_AT = 1_700_000_000
BIOLOGY = CourseKey(SITE, COURSE)
As = Callable[[str], Client]


@pytest.fixture
def raw(world: World) -> Iterator[Connection]:
    """A connection as the pipeline, whose work is rolled back: the world stays as it was."""
    with connect(world.settings, Role.PIPELINE) as connection:
        connection.execute("update raw.courses set backup_at = 'epoch'")
        yield connection
        connection.rollback()


@pytest.fixture
def store(world: World) -> ObjectStore:
    return open_store(world.settings)


def user_id(world: World, name: str) -> int:
    return int(world.learners[name].rpartition(":")[2])


def person(number: int, username: str, email: str, more: str = "") -> str:
    return f'<user id="{number}"><username>{username}</username><email>{email}</email>{more}</user>'


def backup(folder: Path, *people: str, course_id: int = COURSE, made_at: int = MADE_AT, roles: str = "") -> Path:
    """A backup of a course of the world, written by hand."""
    tiny = Tiny(folder)
    tiny.write("users.xml", f"<users>{''.join(people)}</users>")
    if roles:
        tiny.write("course/roles.xml", f"<roles><role_assignments>{roles}</role_assignments></roles>")
        tiny.write(
            "roles.xml",
            '<roles_definition><role id="3"><shortname>editingteacher</shortname></role></roles_definition>',
        )
    tiny.finish()
    edit(folder, "moodle_backup.xml", f"<backup_date>{MADE_AT}", f"<backup_date>{made_at}")
    edit(folder, "moodle_backup.xml", WWWROOT, "http://test.site")
    edit(folder, "moodle_backup.xml", "<original_course_id>9", f"<original_course_id>{course_id}")
    edit(folder, "course/course.xml", 'id="9"', f'id="{course_id}"')
    edit(folder, "sections/section_5/section.xml", 'id="5"', 'id="7005"')
    return as_tar(folder, folder.parent / f"{folder.name}.mbz")


def bring(world: World, store: ObjectStore, raw: Connection, path: Path, by: str | None) -> Loaded:
    """Register, land, load: what the pipeline does with a request of somebody's."""
    course = register_backup(store, raw, path, world.accounts[by] if by else None)
    return load_course(raw, land_backup(store, newest_backup(raw, course)))


def users(raw: Connection) -> dict[int, tuple[Any, ...]]:
    rows = raw.execute("select user_id, username, email, is_deleted from raw.users where site_id = %s", [SITE])
    return {row[0]: row[1:] for row in rows}


def test_the_api_hands_a_forged_backup_to_a_load_that_refuses_it(
    client: As, world: World, store: ObjectStore, raw: Connection, tmp_path: Path
) -> None:
    roles = f'<assignment id="1"><roleid>3</roleid><userid>{user_id(world, "tom")}</userid></assignment>'
    (stolen,) = raw.execute(
        "select min(assignment_id) from raw.role_assignments where site_id = %s and course_id = %s",
        [SITE, OTHER_COURSE],
    ).fetchone()
    tom = person(user_id(world, "tom"), "tom", "tom@example.test")
    forged = backup(tmp_path / "forged", tom, roles=roles.replace('id="1"', f'id="{stolen}"'))
    sent = client("tom").start_import("backup", forged.name, forged.read_bytes())
    with connect(world.settings, Role.ADMIN) as connection:
        request = work.read(connection, sent.import_id)
    assert request is not None
    kept = tmp_path / "kept.mbz"
    fetch(store, request.payload["object_path"], kept)
    assert request.requested_by == world.accounts["tom"]
    with pytest.raises(ForeignBackupError, match="role assignments that belong to another course"), raw.transaction():
        bring(world, store, raw, kept, "tom")
    assert raw.execute(
        "select course_id from raw.role_assignments where (site_id, assignment_id) = (%s, %s)", [SITE, stolen]
    ).fetchone() == (OTHER_COURSE,)


def test_people_of_other_courses_stay_as_they_are(
    world: World, store: ObjectStore, raw: Connection, tmp_path: Path
) -> None:
    dan, ann, tom = (user_id(world, name) for name in ("dan", "ann", "tom"))
    for name, course in (("ann", COURSE), ("tom", COURSE), ("dan", OTHER_COURSE), ("dan", COURSE)):
        raw.execute(
            "insert into raw.course_users (site_id, course_id, user_id) values (%s, %s, %s) on conflict do nothing",
            [SITE, course, user_id(world, name)],
        )
    forged = backup(
        tmp_path / "forged",
        person(dan, "dan", "tom@example.test", "<deleted>1</deleted>"),
        person(ann, "ann2", "ann@example.test"),
        person(tom, "tom", "tom@example.test"),
        person(9001, "new", "new@example.test"),
    )
    bring(world, store, raw, forged, "tom")
    assert users(raw)[dan] == ("dan", "dan@example.test", False)
    assert users(raw)[ann] == ("ann2", "ann@example.test", False), "in no other course"
    assert users(raw)[9001] == ("new", "new@example.test", False)
    assert find_moodle_user(raw, (SITE, "tom")) == tom
    for name in ("new", 9001, "ann2"):
        with pytest.raises(PersonError, match="no Moodle user"):
            find_moodle_user(raw, (SITE, name))


def test_an_administrator_vouches_for_what_an_instructor_added(
    world: World, store: ObjectStore, raw: Connection, tmp_path: Path
) -> None:
    same = backup(tmp_path / "a", person(9001, "new", "tom@example.test"))
    bring(world, store, raw, same, "tom")
    earlier = backup(tmp_path / "b", person(9001, "new", "right@example.test"), course_id=3, made_at=MADE_AT - 900)
    edit(tmp_path / "b", "sections/section_5/section.xml", "7005", "7006")
    bring(world, store, raw, as_tar(tmp_path / "b", earlier), None)
    assert users(raw)[9001][1] == "right@example.test", "trusted, though older"
    assert find_moodle_user(raw, (SITE, "new")) == 9001
    bring(world, store, raw, same, "root")
    assert newest_backup(raw, BIOLOGY).is_trusted
    assert users(raw)[9001][1] == "tom@example.test"


def test_nobody_reads_who_somebody_is_by_naming_an_id(
    world: World, store: ObjectStore, raw: Connection, tmp_path: Path
) -> None:
    dan = user_id(world, "dan")
    raw.execute(
        "insert into raw.course_users (site_id, course_id, user_id) values (%s, %s, %s) on conflict do nothing",
        [SITE, OTHER_COURSE, dan],
    )
    guessed = backup(tmp_path / "guessed", person(dan, "x", "x@example.test"))
    with pytest.raises(ForeignBackupError, match="adds people of other courses"), raw.transaction():
        bring(world, store, raw, guessed, "tom")
    known = backup(tmp_path / "known", person(dan, "dan", "Dan@example.test"))
    bring(world, store, raw, known, "tom")
    assert raw.execute(
        "select count(*) from raw.course_users where site_id = %s and user_id = %s", [SITE, dan]
    ).fetchone() == (2,)


def test_the_rows_of_a_site_are_its_administrators(
    world: World, store: ObjectStore, raw: Connection, tmp_path: Path
) -> None:
    seen = raw.execute("select * from raw.sites order by site_id").fetchall()
    backup(tmp_path / "a", person(1, "a", "a@example.test"))
    release, fingerprint = "<moodle_release>9.9</moodle_release>", "f00f00f00"
    told = f"{release}<original_site_identifier_hash>{fingerprint}</original_site_identifier_hash>"
    edit(tmp_path / "a", "moodle_backup.xml", "<information>", f"<information>{told}")
    bring(world, store, raw, as_tar(tmp_path / "a", tmp_path / "a.mbz"), "tom")
    assert raw.execute("select * from raw.sites order by site_id").fetchall() == seen
    raw.execute("update raw.sites set identifier_hash = 'other' where site_id = %s", [SITE])
    edit(tmp_path / "a", "course/course.xml", "Tiny", "Again")
    with pytest.raises(ForeignBackupError, match="You teach no such course here"):
        bring(world, store, raw, as_tar(tmp_path / "a", tmp_path / "a.mbz"), "tom")
    assert raw.execute("select count(*) from raw.sites").fetchone() == (len(seen),)


@pytest.mark.parametrize("course_id", [OTHER_COURSE, 404])
def test_an_instructor_brings_in_no_other_course_and_no_new_one(
    client: As, world: World, store: ObjectStore, raw: Connection, tmp_path: Path, course_id: int
) -> None:
    path = backup(tmp_path / "a", person(1, "a", "a@example.test"), course_id=course_id)
    with pytest.raises(ApiError, match="first backup is imported by an administrator") as refused:
        client("tom").start_import("backup", path.name, path.read_bytes())
    assert refused.value.problem.status == 404
    for name in ("tom", "ann", "out"):
        with pytest.raises(ForeignBackupError, match="You teach no such course here"):
            register_backup(store, raw, path, world.accounts[name])
    assert register_backup(store, raw, path, world.accounts["root"]) == CourseKey(SITE, course_id)
    with pytest.raises(ForeignBackupError, match="You teach no such course here"):
        register_backup(store, raw, path, world.accounts["tom"])


def test_a_backup_from_the_future_shuts_nobody_out(
    world: World, store: ObjectStore, raw: Connection, tmp_path: Path
) -> None:
    path = backup(tmp_path / "a", person(1, "a", "a@example.test"), made_at=4_000_000_000)
    with pytest.raises(ForeignBackupError, match="from the future"):
        register_backup(store, raw, path, world.accounts["tom"])


def test_a_refused_backup_gives_way_to_the_one_before(
    world: World, store: ObjectStore, raw: Connection, tmp_path: Path
) -> None:
    first = backup(tmp_path / "first", person(1, "a", "a@example.test"), made_at=MADE_AT - 100)
    second = backup(tmp_path / "second", person(2, "b", "b@example.test"))
    for path in (first, second):
        register_backup(store, raw, path, world.accounts["tom"])
    refuse_backup(raw, newest_backup(raw, BIOLOGY), "it lies")
    assert newest_backup(raw, BIOLOGY).filename == "first.mbz"
    register_backup(store, raw, second, world.accounts["root"])
    assert newest_backup(raw, BIOLOGY).filename == "second.mbz"
