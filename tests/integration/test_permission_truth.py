"""Retrieval against what a real Moodle showed each student of two courses, and the moment a page opens."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from psycopg import Connection

from studium.database.pool import Role, connect
from studium.settings import Settings
from tests.integration.invented_site import SITE, add_document, documents_seen
from tests.integration.real_courses import BACKUPS, ROOT, bring

ASKED = datetime(2026, 11, 22, 12, tzinfo=UTC)
AFTER = datetime(2026, 12, 2, tzinfo=UTC)
OPENS_IN_DECEMBER = {2: 20, 4: 77}
IN_HIDDEN_SECTION = {2: 30, 4: 84}
Places = dict[UUID, tuple[int, int]]
"""Document to course and cmid."""


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[Connection]:
    with connect(settings, Role.ADMIN) as connection:
        connection.execute("delete from content.documents")  # other tests' lie in this database too
        for course_id in BACKUPS:
            bring(connection, course_id, SITE)
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def places(site: Connection) -> Places:
    """One passage in each module."""
    rows = site.execute("select course_id, cmid from raw.modules order by cmid").fetchall()
    return {
        add_document(site, course_id=f"{SITE}:{course}", module_id=f"{SITE}:{cmid}", material_key=f"page:{cmid}"): (
            course,
            cmid,
        )
        for course, cmid in rows
    }


@pytest.fixture(scope="module")
def accounts(site: Connection, places: Places) -> dict[str, UUID]:
    """An account for each person of the two courses, by user name."""
    made: dict[str, UUID] = {}
    for user_id, username in site.execute("select user_id, username from raw.users").fetchall():
        row = site.execute(
            "insert into app.accounts (email, display_name) values (lower(%s), %s) returning account_id",
            [f"{username}@example.test", username],
        ).fetchone()
        site.execute(
            "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
            [SITE, user_id, row[0]],
        )
        made[username] = row[0]
    return made


@pytest.fixture(scope="module")
def shown() -> dict[str, set[tuple[int, int]]]:
    """What Moodle showed each student: course and cmid."""
    seen: dict[str, set[tuple[int, int]]] = {}
    with gzip.open(ROOT / "tests/data/moodle/what_each_student_sees.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            asked = json.loads(line)
            contents = asked["contents"] if isinstance(asked["contents"], list) else []
            seen.setdefault(asked["username"], set()).update(
                (asked["courseid"], module["id"])
                for section in contents
                for module in section["modules"]
                if module["uservisible"]
            )
    return seen


def found(site: Connection, places: Places, account: UUID, as_of: datetime) -> set[tuple[int, int]]:
    return {places[document] for document in documents_seen(site, account, as_of) if document in places}


def test_the_truth_speaks_of_everybody(shown: dict[str, set[tuple[int, int]]], accounts: dict[str, UUID]) -> None:
    assert len(shown) == 40
    assert shown.keys() <= accounts.keys()
    assert 1000 < sum(map(len, shown.values())) < 40 * 54


def test_each_student_finds_what_moodle_shows_them(
    site: Connection, places: Places, accounts: dict[str, UUID], shown: dict[str, set[tuple[int, int]]]
) -> None:
    differences = {
        name: sorted(found(site, places, accounts[name], ASKED) ^ modules) for name, modules in shown.items()
    }
    assert {name: rows for name, rows in differences.items() if rows} == {}


def test_the_page_that_opens_in_december_is_open_then(
    site: Connection, places: Places, accounts: dict[str, UUID], shown: dict[str, set[tuple[int, int]]]
) -> None:
    differences = {}
    for name, modules in shown.items():
        courses = {course for course, _ in modules}
        expected = modules | {(course, OPENS_IN_DECEMBER[course]) for course in courses}
        differences[name] = sorted(found(site, places, accounts[name], AFTER) ^ expected)
    assert {name: rows for name, rows in differences.items() if rows} == {}


def test_teachers_find_what_moodle_shows_them(site: Connection, places: Places, accounts: dict[str, UUID]) -> None:
    """Editing teachers all of their course; the non-editing one not the hidden section."""
    rows = site.execute(
        "select u.username, r.course_id, r.archetype from raw.role_assignments as r "
        "join raw.users as u using (site_id, user_id) where r.archetype in ('editingteacher', 'teacher')"
    ).fetchall()
    assert sorted(archetype for _, course, archetype in rows if course == 2) == [
        "editingteacher",
        "editingteacher",
        "teacher",
    ]
    for username in {username for username, _, _ in rows}:
        expected = {
            (course, cmid)
            for name, taught, archetype in rows
            for course, cmid in places.values()
            if name == username
            and course == taught
            and (archetype == "editingteacher" or cmid != IN_HIDDEN_SECTION[course])
        }
        assert found(site, places, accounts[username], ASKED) == expected, username


def test_others_find_nothing_of_it(site: Connection, places: Places, accounts: dict[str, UUID]) -> None:
    stranger = site.execute(
        "insert into app.accounts (email, display_name) values ('stranger@example.test', 'x') returning account_id"
    ).fetchone()[0]
    owner = accounts["s2026101"]
    upload = add_document(site, source="upload", owner_id=owner, course_id=f"{SITE}:2")
    assert documents_seen(site, stranger, ASKED) == set()
    assert upload in documents_seen(site, owner, ASKED)
    for username, account in accounts.items():
        if username != "s2026101":
            assert upload not in documents_seen(site, account, ASKED), username


def test_an_administrator_finds_all_of_both(site: Connection, places: Places) -> None:
    chief = site.execute(
        "insert into app.accounts (email, display_name, is_admin) values ('chief@example.test', 'x', true) "
        "returning account_id"
    ).fetchone()[0]
    assert found(site, places, chief, ASKED) == set(places.values())
