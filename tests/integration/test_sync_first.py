"""First syncs of the two recorded courses, over HTTP into the database, beside what their backups bring in.

What may differ is the closed list (`reader.untold`, and of what was not recorded `test_ws_reader_courses`); the records
themselves are compared cell by cell there. Here it is the database that is looked at, and what a sync costs.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from backup_help import CVS201, PHA203
from moodle_site.site import Site
from sync_world import SyncWorld, tell_what_was_not_recorded

from studium.moodle.intake import land_backup, newest_backup, register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.load import load_course
from studium.moodle.scan import scan
from studium.moodle.snapshots import is_loaded
from studium.settings import Settings
from studium.storage import get

COMPARED = {
    "quiz_attempts": "attempt_id, user_id, attempt_number, state, started_at, finished_at, sum_grades",
    "completions": "cmid, user_id, state, completed_at",
    "enrolments": "user_id, method, status",
    "group_members": "group_id, user_id",
    "modules": "cmid, section_id, position, name, is_visible, availability, due_at",
    "sections": "section_id, number, is_visible, availability, sequence",
}
"""Tables that are told whole: equal as sets."""
TOLD_IN_PART = {
    # an attempt that is not finished has no review
    "question_attempts": "attempt_id, slot, max_mark, fraction, mark, state, right_answer, response_summary",
    # empty cells, and those of people who are suspended, are left out
    "grades": "grade_item_id, user_id, final_grade, feedback, is_hidden, graded_at",
}
UNFINISHED = "attempt_id in (select attempt_id from raw.quiz_attempts where state <> 'finished')"
NOT_TOLD = {
    "question_attempts": UNFINISHED,
    "grades": "final_grade is null and feedback is null or (course_id, user_id) in "
    "(select course_id, user_id from raw.enrolments where status = 1 and site_id = '127-0-0-1-8088')",
}
FORUMS = ("forum:1:", "forum:3:discussion:6", "forum:3:discussion:11", "forum:58:", "forum:60:")
CHOICES = ("choice:29:options", "choice:83:options")
NOT_RECORDED = (*FORUMS, *CHOICES, "assign:", "glossary:")
"""Materials that were not recorded, or are not told (options of choices) or not whole (entries of glossaries)."""


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[SyncWorld]:
    with Site() as site:
        tell_what_was_not_recorded(site)
        yield SyncWorld(settings, site)


@pytest.fixture(scope="module", params=[2, 4])
def synced(world: SyncWorld, request: pytest.FixtureRequest) -> tuple[int, CourseKey]:
    """A course after its first sync, and the same course from its backup."""
    number: int = request.param
    path: Path = {2: CVS201, 4: PHA203}[number]
    with world.connect() as connection:
        from_backup = register_backup(world.store, connection, path)
        load_course(connection, land_backup(world.store, newest_backup(connection, from_backup)))
    world.asked()
    first = world.sync(number)
    assert first.changed
    assert (first.calls, sum(world.asked().values())) == ({2: 403, 4: 259}[number],) * 2
    assert world.load(number).touched > 2500
    return number, from_backup


def rows(
    world: SyncWorld, course: CourseKey, table: str, columns: str, unless: str = "false"
) -> set[tuple[object, ...]]:
    with world.connect() as connection:
        found = connection.execute(  # type: ignore[call-overload]
            f"select {columns} from raw.{table} where site_id = %s and course_id = %s and not ({unless})", course
        )
        return {tuple(str(value) for value in row) for row in found.fetchall()}


@pytest.mark.parametrize("table", [*COMPARED, *TOLD_IN_PART])
def test_the_database_holds_what_the_backup_brings(world: SyncWorld, synced: tuple[int, CourseKey], table: str) -> None:
    number, from_backup = synced
    columns = {**COMPARED, **TOLD_IN_PART}[table]
    told = rows(world, world.course(number), table, columns)
    backed_up = rows(world, from_backup, table, columns, NOT_TOLD.get(table, "false"))
    assert told == backed_up
    assert len(told) > 6


def test_materials_are_the_same_to_the_byte(world: SyncWorld, synced: tuple[int, CourseKey]) -> None:
    number, from_backup = synced
    texts = {}
    for course, url in ((world.course(number), world.site.url), (from_backup, "http://127.0.0.1:8088")):
        found = rows(world, course, "materials", "material_key, object_path")
        texts[course] = {
            key: get(world.store, str(path)).replace(url.encode(), b"")
            for key, path in found
            if not str(key).startswith(NOT_RECORDED)
        }
    assert texts[world.course(number)] == texts[from_backup]
    assert len(texts[from_backup]) > 30


def test_nothing_new_costs_few_calls_and_writes_nothing(world: SyncWorld, synced: tuple[int, CourseKey]) -> None:
    number, _ = synced
    first = world.standing(number)["account"]
    world.asked()
    again = world.sync(number)
    asked = world.asked()
    assert not again.changed
    assert world.load(number).touched == 0
    assert (again.calls, sum(asked.values())) == ({2: 20, 4: 17}[number],) * 2
    assert again.bytes < first["bytes"] / 20
    # two attempts are open, and nothing else tells what becomes of them
    assert asked.pop("mod_quiz_get_user_attempts", 0) == {2: 2, 4: 0}[number]
    assert not {function for function in asked if "attempt" in function or "completion" in function}


def test_a_sync_says_where_its_site_is_now(world: SyncWorld, synced: tuple[int, CourseKey]) -> None:
    number, _ = synced
    of_site = [world.course(number).site_id]
    with world.connect() as connection:
        connection.execute("update raw.sites set wwwroot = 'http://from-a-backup.test' where site_id = %s", of_site)
        world.edit("course_summary", number)
        assert world.sync(number).changed
        found = connection.execute("select wwwroot from raw.sites where site_id = %s", of_site).fetchone()
    assert found == (world.url,)
    world.load(number)


def test_what_was_skipped_is_written_down(world: SyncWorld, synced: tuple[int, CourseKey]) -> None:
    number, _ = synced
    world.sync(number)
    standing = world.standing(number)
    skipped = {(one["function"], one["kind"]): one["times"] for one in standing["skipped"]}
    assert skipped["core_completion_get_course_completion_status", "NotPermitted"] == {2: 4, 4: 3}[number]
    assert (("core_course_get_updates_since", "BrokenFunction") in skipped) == (number == 2)
    assert (standing["state"], standing["error"], standing["held"]) == ("idle", None, None)


def test_a_scan_finds_courses_and_what_moved_in_them(world: SyncWorld, synced: tuple[int, CourseKey]) -> None:
    number, _ = synced
    world.sync(number)
    with world.connect() as connection, world.client() as client:
        found = {one.course: one for one in scan(connection, client)}
        assert is_loaded(connection, world.course(number))
        assert client.calls == 1 + 3 * sum(1 for one in found.values() if one.why != "never synced")
    assert found[world.course(3)].why == "never synced"
    assert world.course(1) not in found
    # a random question makes the one function fail that would tell
    assert found[world.course(number)].changed == (number == 2)
    world.edit("course_summary", number)
    with world.connect() as connection, world.client() as client:
        said = {one.course: one for one in scan(connection, client)}[world.course(number)]
    assert said.why == "its contents, its people or its entry in the list have changed"
