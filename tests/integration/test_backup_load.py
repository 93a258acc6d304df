"""From a backup to rows in `raw`: what is written, what is left alone, what goes, and what can go wrong half-way."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from backup_help import CVS201, PHA203, WWWROOT, Tiny, as_tar, as_zip, edit
from obstore.store import LocalStore
from psycopg import Connection

from studium.database.pool import Role, connect
from studium.moodle.errors import BackupError, DamagedBackupError
from studium.moodle.intake import (
    NoBackupError,
    courses_with_backups,
    land_backup,
    newest_backup,
    register_backup,
)
from studium.moodle.keys import CourseKey
from studium.moodle.load import Loaded, load_course
from studium.moodle.records.tables import TABLES
from studium.settings import Settings

SITE = "moodle-example-test"
COURSE = CourseKey(SITE, 9)


@pytest.fixture
def raw(settings: Settings) -> Iterator[Connection]:
    """A connection as the pipeline, whose work is rolled back."""
    with connect(settings, Role.PIPELINE) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    (tmp_path / "store").mkdir()
    return LocalStore(tmp_path / "store")


def bring(store: LocalStore, raw: Connection, path: Path) -> Loaded:
    """Register, land, load: what the assets do."""
    course = register_backup(store, raw, path)
    return load_course(raw, land_backup(store, newest_backup(raw, course)))


def packed(tiny: Tiny, made_at: int = 1_700_000_000, name: str = "tiny.mbz") -> Path:
    """A tiny backup, packed, made at a time."""
    tiny.finish()
    edit(tiny.folder, "moodle_backup.xml", "<backup_date>1700000000", f"<backup_date>{made_at}")
    return as_zip(tiny.folder, tiny.folder.parent / name)


def rows(raw: Connection, table: str, site: str = SITE) -> set[tuple[Any, ...]]:
    """Each row of a site with the version PostgreSQL keeps of it: a row written again has another."""
    return set(raw.execute(f"select xmin::text, ctid::text, t::text from raw.{table} t where site_id = %s", [site]))  # type: ignore[arg-type]


def column(raw: Connection, table: str, name: str) -> list[Any]:
    return [r[0] for r in raw.execute(f"select {name} from raw.{table} where site_id = %s order by 1", [SITE])]  # type: ignore[arg-type]


def people(*ids: int) -> str:
    """The files of people who are enrolled as students."""
    enrolments = "".join(f"<enrolment id='{n}'><userid>{n}</userid></enrolment>" for n in ids)
    method = f"<enrol>manual</enrol><user_enrolments>{enrolments}</user_enrolments>"
    return f"<enrolments><enrols><enrol id='1'>{method}</enrol></enrols></enrolments>"


def users(*ids: int, seen: int = 0) -> str:
    return "<users>" + "".join(f"<user id='{n}'><lastaccess>{seen}</lastaccess></user>" for n in ids) + "</users>"


def a_course(folder: Path, *ids: int, seen: int = 0, with_users: bool = True) -> Tiny:
    tiny = Tiny(folder, users=with_users)
    if with_users:
        tiny.write("users.xml", users(*ids, seen=seen))
        tiny.write("course/enrolments.xml", people(*ids))
    else:
        (folder / "users.xml").unlink()
    return tiny


def test_records_and_tables_have_the_same_columns(raw: Connection) -> None:
    for row in TABLES:
        columns = raw.execute(
            "select column_name::text from information_schema.columns "
            "where table_schema = 'raw' and table_name = %s order by 1",
            [row.table],
        ).fetchall()
        assert {name for (name,) in columns} == set(row.model_fields), row.table
        key = raw.execute(
            "select array_agg(a.attname::text) from pg_index i join pg_attribute a "
            "on a.attrelid = i.indrelid and a.attnum = any(i.indkey) "
            "where i.indrelid = format('raw.%%I', %s::text)::regclass and i.indisprimary",
            [row.table],
        ).fetchone()
        assert key is not None
        assert set(key[0]) == {"site_id", *row.key}, row.table


def test_serving_reads_nothing_of_raw(settings: Settings) -> None:
    for role in (Role.API, Role.READER):
        with connect(settings, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from raw.users")


FACTS = """
select
    (select count(*) from raw.modules where course_id = %(course)s),
    (select count(*) from raw.quiz_attempts where course_id = %(course)s),
    (select count(distinct user_id) from raw.quiz_attempts where course_id = %(course)s and state = 'finished'),
    (select count(*) from raw.question_attempts where course_id = %(course)s),
    (select count(*) from raw.completions where course_id = %(course)s),
    (select count(final_grade) || ' of mean ' || round(avg(final_grade), 4) from raw.grades
     join raw.grade_items using (site_id, course_id, grade_item_id) where course_id = %(course)s and item_type = 'mod')
"""


@pytest.mark.parametrize(
    ("backup", "facts"),
    [
        (CVS201, (29, 143, 38, 1044, 624, "113 of mean 40.0785")),
        (PHA203, (26, 70, 30, 490, 494, "78 of mean 26.3828")),
    ],
)
def test_a_recorded_course_whole_and_again(
    store: LocalStore, raw: Connection, backup: Path, facts: tuple[object, ...]
) -> None:
    tables = [*(row.table for row in TABLES), "sites", "course_backups"]
    for table in tables:
        raw.execute(f"delete from raw.{table}")  # type: ignore[arg-type]  # what other tests left
    first = bring(store, raw, backup)
    [course] = courses_with_backups(raw)
    assert raw.execute(FACTS, {"course": course.course_id}).fetchone() == facts
    assert first.changes["modules"].written == facts[0]
    before = {table: rows(raw, table, course.site_id) for table in tables}
    assert bring(store, raw, backup).touched == 0
    assert {table: rows(raw, table, course.site_id) for table in tables} == before


def test_a_newer_backup_updates_and_an_older_one_does_not(store: LocalStore, raw: Connection, tmp_path: Path) -> None:
    old = a_course(tmp_path / "old", 1, 2, seen=1_600_000_000)
    old.add("page", 7, "<name>Goes</name><content>x</content>")
    old.add("page", 8, "<name>Stays</name><content>y</content>")
    new = a_course(tmp_path / "new", 2, 3, seen=1_650_000_000)
    new.add("page", 8, "<name>Stays, renamed</name><content>y</content>")
    new.add("page", 9, "<name>Comes</name><content>z</content>")
    earlier, later = packed(old, 1_700_000_000, "old.mbz"), packed(new, 1_700_000_100, "new.mbz")
    bring(store, raw, earlier)
    kept = {r for r in rows(raw, "materials") if "page:8" in r[2]}
    assert column(raw, "modules", "name") == ["Goes", "Stays"]
    loaded = bring(store, raw, later)
    assert column(raw, "modules", "name") == ["Comes", "Stays, renamed"]
    assert column(raw, "enrolments", "user_id") == column(raw, "users", "user_id") == [2, 3]
    assert (loaded.changes["modules"].written, loaded.changes["modules"].removed) == (2, 1)
    assert not kept & rows(raw, "materials"), "its title is the module's"
    before = {row.table: rows(raw, row.table) for row in TABLES}
    assert bring(store, raw, earlier).touched == 0
    newest = newest_backup(raw, COURSE)
    [(sha256, path)] = raw.execute(
        "select sha256, object_path from raw.course_backups where site_id = %s and filename = 'old.mbz'", [SITE]
    ).fetchall()
    older = land_backup(store, dataclasses.replace(newest, sha256=sha256, object_path=path))
    assert load_course(raw, older).is_stale
    assert {row.table: rows(raw, row.table) for row in TABLES} == before


QUIZ = (
    "<name>Q</name><attempts><attempt id='{0}'><userid>1</userid><attemptnum>1</attemptnum><state>finished</state>"
    "</attempt></attempts>"
)
FORUM = (
    "<name>F</name><discussions><discussion id='6'><name>D</name><posts><post id='1'><parent>0</parent>"
    "<message>said</message></post></posts></discussion></discussions>"
)


def test_a_newer_backup_without_people_leaves_them_and_their_work(
    store: LocalStore, raw: Connection, tmp_path: Path
) -> None:
    old = a_course(tmp_path / "old", 1)
    old.add("quiz", 7, QUIZ.format(70))
    old.add("quiz", 8, QUIZ.format(80))
    old.add("forum", 10, FORUM)
    new = a_course(tmp_path / "new", with_users=False)
    new.add("quiz", 7, "<name>Q</name>")
    new.add("forum", 10, "<name>F, renamed</name>")
    bring(store, raw, packed(old, 1_700_000_000, "old.mbz"))
    bring(store, raw, packed(new, 1_700_000_100, "new.mbz"))
    assert column(raw, "users", "user_id") == column(raw, "enrolments", "user_id") == [1]
    assert column(raw, "quiz_attempts", "attempt_id") == [70], "the other quiz is gone, and its attempts with it"
    assert column(raw, "modules", "name") == ["F, renamed", "Q"]
    assert column(raw, "materials", "material_key") == ["forum:10:discussion:6"]


def test_a_module_left_out_of_a_newer_backup_stays(store: LocalStore, raw: Connection, tmp_path: Path) -> None:
    old = a_course(tmp_path / "old", 1)
    for cmid in (7, 8, 9):
        old.add("page", cmid, f"<name>P{cmid}</name><content>x</content>")
    new = a_course(tmp_path / "new", 1)
    new.add("page", 7, "<name>P7</name><content>x</content>")
    bring(store, raw, packed(old, 1_700_000_000, "old.mbz"))
    packed(new, 1_700_000_100, "unused.mbz")
    edit(new.folder, "sections/section_5/section.xml", "<sequence>7<", "<sequence>7,8<")
    bring(store, raw, as_tar(new.folder, tmp_path / "new.mbz"))
    assert column(raw, "modules", "cmid") == [7, 8], "9 stands in no section any more, so it was deleted"
    assert column(raw, "materials", "material_key") == ["page:7", "page:8"]


def test_a_person_of_two_courses_is_as_the_newest_backup_says(
    store: LocalStore, raw: Connection, tmp_path: Path
) -> None:
    one = packed(a_course(tmp_path / "one", 1, 2, seen=1_600_000_000), 1_700_000_000, "one.mbz")
    other = a_course(tmp_path / "other", 2, 3, seen=1_650_000_000)
    other.finish()
    edit(other.folder, "moodle_backup.xml", "<original_course_id>9", "<original_course_id>10")
    edit(other.folder, "moodle_backup.xml", "<backup_date>1700000000", "<backup_date>1700000100")
    edit(other.folder, "course/course.xml", 'id="9"', 'id="10"')
    edit(other.folder, "sections/section_5/section.xml", 'id="5"', 'id="6"')
    edit(other.folder, "course/enrolments.xml", "enrolment id='", "enrolment id='10")
    second = as_tar(other.folder, tmp_path / "other.mbz")
    for backup in (second, one):
        bring(store, raw, backup)
    seen = "select user_id, extract(epoch from last_access_at)::int from raw.users where site_id = %s order by 1"
    assert raw.execute(seen, [SITE]).fetchall() == [(1, 1_600_000_000), (2, 1_650_000_000), (3, 1_650_000_000)]
    empty = packed(a_course(tmp_path / "empty", 1), 1_700_000_200, "empty.mbz")
    bring(store, raw, empty)
    assert column(raw, "users", "user_id") == [1, 2, 3], "2 left this course, not the other"
    assert column(raw, "enrolments", "user_id") == [1, 2, 3]


def test_two_sites_at_one_address_do_not_mix(store: LocalStore, raw: Connection, tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two", "none"):
        tiny = a_course(tmp_path / name, 1)
        tiny.add("page", 7, f"<name>{name}</name>")
        told = "" if name == "none" else f"<original_site_identifier_hash>{name * 4}</original_site_identifier_hash>"
        tiny.finish(information=told)
        keys.append(register_backup(store, raw, as_tar(tiny.folder, tmp_path / f"{name}.mbz")))
    assert keys == [(SITE, 9), (f"{SITE}-twotwotw", 9), (SITE, 9)]
    address = raw.execute("select wwwroot from raw.sites where site_id = %s", [keys[1].site_id]).fetchone()
    assert address == (WWWROOT,)


def test_what_is_no_backup_leaves_nothing(store: LocalStore, raw: Connection, tmp_path: Path) -> None:
    whole = CVS201.read_bytes()
    files = {"empty.mbz": b"", "lecture.mbz": b"%PDF-1.7", "cut.mbz": whole[: len(whole) // 2]}
    before = raw.execute("select count(*) from raw.course_backups").fetchone()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BackupError):
            register_backup(store, raw, tmp_path / name)
    assert raw.execute("select count(*) from raw.course_backups").fetchone() == before
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_a_backup_with_a_broken_part_never_speaks_for_its_course(
    store: LocalStore, raw: Connection, tmp_path: Path
) -> None:
    tiny = a_course(tmp_path / "a", 1)
    tiny.add("quiz", 7, QUIZ.format(70))
    course = register_backup(store, raw, packed(tiny, 1_700_000_000, "good.mbz"))
    edit(tiny.folder, "activities/quiz_7/quiz.xml", "</quiz>", "")
    stored = sorted((tmp_path / "store").rglob("*"))
    with pytest.raises(DamagedBackupError, match=r"quiz_7/quiz\.xml is not well-formed"):
        register_backup(store, raw, as_tar(tiny.folder, tmp_path / "newer.mbz"))
    assert newest_backup(raw, course).filename == "good.mbz"
    assert sorted((tmp_path / "store").rglob("*")) == stored


def test_a_load_that_breaks_off_changes_nothing(store: LocalStore, raw: Connection, tmp_path: Path) -> None:
    tiny = a_course(tmp_path / "a", 1, 2)
    tiny.add("page", 7, "<name>P</name><content>x</content>")
    course = register_backup(store, raw, packed(tiny))
    records = land_backup(store, newest_backup(raw, course))
    broken = records.tables["enrolments"].with_columns(pl.lit("not a number").alias("status"))
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        load_course(raw, dataclasses.replace(records, tables=records.tables | {"enrolments": broken}))
    assert column(raw, "courses", "shortname") == column(raw, "users", "user_id") == []
    assert load_course(raw, records).changes["users"].written == 2


def test_a_course_without_a_backup_is_said(raw: Connection) -> None:
    with pytest.raises(NoBackupError, match=re.escape("moodle-example-test:404")):
        newest_backup(raw, CourseKey(SITE, 404))
