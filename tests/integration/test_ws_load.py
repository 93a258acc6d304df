"""A course read from web services, brought into `raw` after its backup: what is told wins, what is not told stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import ws_help
from backup_help import PHA203
from obstore.store import LocalStore
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from studium.database.pool import Role, connect
from studium.moodle.harvest import CourseRecords
from studium.moodle.intake import land_backup, newest_backup, register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.load import load_course
from studium.moodle.records.tables import TABLES
from studium.moodle.webservice.answers import Answers
from studium.moodle.webservice.reader.derived import FIRST
from studium.moodle.webservice.reader.read import CONTENTS, read_course
from studium.moodle.webservice.reader.untold import WHOLE_TABLES
from studium.settings import Settings


@pytest.fixture
def raw(settings: Settings) -> Iterator[Connection]:
    """A connection as the pipeline, with nothing in `raw`; its work is rolled back."""
    with connect(settings, Role.PIPELINE) as connection:
        for row in TABLES:
            connection.execute(SQL("delete from raw.{}").format(Identifier(row.table)))
        yield connection
        connection.rollback()


@pytest.fixture
def course(raw: Connection, tmp_path: Path) -> CourseKey:
    """PHA203, from its backup."""
    store = LocalStore(tmp_path)
    key = register_backup(store, raw, PHA203)
    load_course(raw, land_backup(store, newest_backup(raw, key)))
    return key


def told(raw: Connection, course: CourseKey, answers: Answers | None = None) -> CourseRecords:
    """PHA203 from web services, a moment after the backup, by an account that speaks for the site."""
    [(made_at,)] = raw.execute("select backup_at from raw.courses where course_id = 4").fetchall()
    records = read_course(answers or ws_help.answers_of_pha(), course, ws_help.WWWROOT, made_at, ws_help.files())
    raw.execute(
        "insert into raw.course_backups (site_id, course_id, sha256, object_path, filename, byte_size, backup_at, "
        "is_trusted) values (%s, %s, %s, 'answers', 'answers', 0, %s, true) on conflict do nothing",
        [*course, records.sha256, made_at],
    )
    return records


def rows(raw: Connection, table: str, *columns: str) -> list[tuple[object, ...]]:
    listed = SQL(", ").join(map(Identifier, columns)) if columns else SQL("*")
    return raw.execute(SQL("select {} from raw.{} order by 1").format(listed, Identifier(table))).fetchall()


def test_what_services_cannot_tell_stays(raw: Connection, course: CourseKey) -> None:
    kept = {table: rows(raw, table) for table in WHOLE_TABLES if table != "questions"}
    columns = (("users", "user_id", "timezone"), ("modules", "cmid", "added_at"), ("grade_items", "name", "grade_pass"))
    known = {table: rows(raw, table, *names) for table, *names in columns}
    assert load_course(raw, told(raw, course)).touched > 0
    assert {table: rows(raw, table) for table in kept} == kept
    assert {table: rows(raw, table, *names) for table, *names in columns} == known
    assert all(rows(raw, table) for table in kept)
    assert len(rows(raw, "questions")) == 14, "the bank's, which the reviews' are known to be"


def test_options_known_from_a_backup_stay_as_long_as_their_choice(raw: Connection, course: CourseKey) -> None:
    def options() -> list[tuple[object, ...]]:
        return [row for row in rows(raw, "materials", "material_key", "object_path") if row[0] == "choice:83:options"]

    known = options()
    assert len(known) == 1
    load_course(raw, told(raw, course))
    assert options() == known
    answers = ws_help.answers_of_pha()
    contents = answers.get(CONTENTS, courseid=4)
    for section in contents:
        section["modules"] = [module for module in section["modules"] if module["modname"] != "choice"]
    answers.put(contents, CONTENTS, courseid=4)
    load_course(raw, told(raw, course, answers))
    assert options() == []


IDS = {
    "enrolments": "enrolment_id",
    "role_assignments": "assignment_id",
    "grades": "grade_id",
    "question_attempts": "question_attempt_id",
    "question_attempt_steps": "step_id",
}


def test_nothing_stands_twice_under_another_id(raw: Connection, course: CourseKey) -> None:
    before = {table: {number for (number,) in rows(raw, table, column)} for table, column in IDS.items()}
    load_course(raw, told(raw, course))
    for table, column in IDS.items():
        after = {number for (number,) in rows(raw, table, column)}
        assert before[table], table
        assert after <= before[table], table
    assert max(number for (number,) in rows(raw, "question_attempts", "question_id")) < FIRST


def test_the_same_answers_again_write_nothing(raw: Connection, course: CourseKey) -> None:
    load_course(raw, told(raw, course))
    assert load_course(raw, told(raw, course)).touched == 0


def test_what_is_told_alike_is_not_written(raw: Connection, course: CourseKey) -> None:
    changes = load_course(raw, told(raw, course)).changes
    for table in ("modules", "book_chapters", "quizzes", "quiz_attempts", "completions", "groups", "choices"):
        assert (changes[table].written, changes[table].removed) == (0, 0), table


def test_silence_is_kept_for_the_tables_it_names_only(raw: Connection, course: CourseKey) -> None:
    answers = ws_help.answers_of_pha()
    answers.put([], "core_group_get_course_groups", courseid=4)
    records = read_course(answers, course, ws_help.WWWROOT, ws_help.AT.replace(hour=2), ws_help.files())
    assert "groups" not in records.silence.tables
    raw.execute("update raw.course_backups set is_trusted = true, sha256 = %s", [records.sha256])
    assert load_course(raw, records).changes["groups"].removed == 4


def test_numbers_fit_the_database(raw: Connection, course: CourseKey) -> None:
    raw.execute("delete from raw.grades")
    load_course(raw, told(raw, course))
    derived = [number for (number,) in rows(raw, "grades", "grade_id") if int(str(number)) >= FIRST]
    assert len(derived) == len(set(derived)) == 110
