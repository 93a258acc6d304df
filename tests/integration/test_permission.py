"""Who sees what: roles, visibility, enrolment, groups, owners; by search and by policy alike."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from psycopg import Connection, errors

from studium.database.pool import assume
from tests.integration.invented_site import COURSE, NOW, SITE, Site, add_document, documents_seen, modules_seen


@pytest.fixture
def site(admin: Connection) -> Site:
    admin.execute("delete from content.documents")  # other tests' lie in this database too
    admin.execute("delete from content.scopes")
    return Site(admin)


@pytest.mark.parametrize(
    "enrolment",
    [
        {"status": 1},
        {"method_status": 1},
        {"starts_at": NOW + timedelta(seconds=1)},
        {"ends_at": NOW},
    ],
    ids=["suspended", "method disabled", "not begun", "ended"],
)
def test_an_enrolment_must_be_open(site: Site, enrolment: dict[str, object]) -> None:
    site.add_module()
    for role in ("student", "editingteacher", "teacher"):
        assert modules_seen(site.connection, site.add_person(role, **enrolment)) == set()


def test_one_open_enrolment_is_enough(site: Site) -> None:
    page = site.add_module()
    person = site.add_person(status=1)
    site.enrol(site.user_of(person), None, starts_at=NOW, ends_at=NOW + timedelta(days=1))
    assert modules_seen(site.connection, person) == {page}
    assert modules_seen(site.connection, person, NOW + timedelta(days=1)) == set()


def test_outsiders_and_nobody_see_nothing(site: Site) -> None:
    site.add_module()
    add_document(site.connection, source="file", course_id=f"{SITE}:{COURSE}")
    site.add_course(2)
    for account in (None, uuid4(), site.add_account(), site.add_person(course_id=2)):
        assert documents_seen(site.connection, account) == set()


@pytest.mark.parametrize(
    "change", ["update raw.users set is_deleted = true", "update app.accounts set disabled_at = now()"]
)
def test_deleted_users_and_disabled_accounts_see_nothing(site: Site, change: str) -> None:
    site.add_module()
    person = site.add_person("editingteacher")
    add_document(site.connection, source="upload", owner_id=person)
    seen_before = documents_seen(site.connection, person)
    site.connection.execute(change)
    left = documents_seen(site.connection, person)
    assert len(seen_before) == 2
    assert len(left) == (1 if "raw.users" in change else 0)  # the Moodle user is gone, the account's own file is not


def test_visibility_by_role(site: Site) -> None:
    shown = site.add_module()
    hidden = site.add_module(is_visible=False)
    by_address_only = site.add_module(is_visible_on_page=False)
    in_hidden_section = site.add_module(section_id=site.add_section(is_visible=False))
    expected = {
        "student": {shown, by_address_only},
        None: {shown, by_address_only},
        "teacher": {shown, by_address_only, hidden},
        "editingteacher": {shown, by_address_only, hidden, in_hidden_section},
        "manager": {shown, by_address_only, hidden, in_hidden_section},
    }
    for role, modules in expected.items():
        assert modules_seen(site.connection, site.add_person(role)) == modules, role


def test_a_hidden_course_is_its_teachers(site: Site) -> None:
    site.add_course(2, is_visible=False)
    page = site.add_module(course_id=2, section_id=site.add_section(course_id=2))
    expected = {"student": set(), None: set(), "teacher": {page}, "editingteacher": {page}, "manager": {page}}
    for role, modules in expected.items():
        assert modules_seen(site.connection, site.add_person(role, course_id=2)) == modules, role


def test_a_manager_needs_no_open_enrolment(site: Site) -> None:
    page = site.add_module()
    assert modules_seen(site.connection, site.add_person("manager", status=1)) == {page}


def test_a_role_counts_in_its_own_course_alone(site: Site) -> None:
    hidden = site.add_module(is_visible=False)
    site.add_course(2)
    hidden_elsewhere = site.add_module(course_id=2, section_id=site.add_section(course_id=2), is_visible=False)
    person = site.add_person("editingteacher")
    site.enrol(site.user_of(person), "student", course_id=2)
    assert modules_seen(site.connection, person) == {hidden}
    assert hidden_elsewhere not in modules_seen(site.connection, person)


def test_an_administrator_sees_all_but_other_peoples_uploads(site: Site) -> None:
    site.add_module(is_visible=False, section_id=site.add_section(is_visible=False))
    add_document(site.connection, source="file", course_id=f"{SITE}:{COURSE}")
    theirs = add_document(site.connection, source="upload", owner_id=site.add_account())
    chief = site.add_account(is_admin=True)
    own = add_document(site.connection, source="upload", owner_id=chief)
    seen = documents_seen(site.connection, chief)
    assert own in seen
    assert theirs not in seen
    assert len(seen) == 3


def test_files_are_the_courses_and_uploads_their_owners(site: Site) -> None:
    student, other, outsider = site.add_person(), site.add_person(), site.add_account()
    file = add_document(site.connection, source="file", course_id=f"{SITE}:{COURSE}")
    upload = add_document(site.connection, source="upload", owner_id=student, course_id=f"{SITE}:{COURSE}")
    assert documents_seen(site.connection, student) == {file, upload}
    assert documents_seen(site.connection, other) == {file}
    assert documents_seen(site.connection, outsider) == set()


def test_summaries_are_shown_with_their_section_and_course(site: Site) -> None:
    course_id = f"{SITE}:{COURSE}"
    closed = site.add_section(is_visible=False)
    summary = add_document(site.connection, course_id=course_id, material_key="course")
    shown = add_document(site.connection, course_id=course_id, section_id=f"{SITE}:{site.section}")
    hidden = add_document(site.connection, course_id=course_id, section_id=f"{SITE}:{closed}")
    assert documents_seen(site.connection, site.add_person()) == {summary, shown}
    assert documents_seen(site.connection, site.add_person("editingteacher")) == {summary, shown, hidden}


def subsection(site: Site, *, module: dict[str, object], section: dict[str, object]) -> int:
    parent = site.add_module(modname="subsection", indexed=False, **module)
    below = site.add_section(component="mod_subsection", item_id=1, parent_module=parent, **section)
    return site.add_module(section_id=below)


def test_a_subsection_needs_its_module_and_that_modules_section(site: Site) -> None:
    never = {"op": "&", "c": [{"type": "date", "d": "<", "t": 1}], "showc": [True]}
    closed = site.add_section(is_visible=False)
    open_page = subsection(site, module={}, section={})
    for module, section in [
        ({"is_visible": False}, {}),
        ({"availability": never}, {}),
        ({"section_id": closed}, {}),
        ({"section_id": site.add_section(availability=never)}, {}),
        ({}, {"is_visible": False}),
        ({}, {"availability": never}),
    ]:
        subsection(site, module=module, section=section)
    orphan = site.add_section(component="mod_subsection", item_id=9)
    site.add_module(section_id=orphan)
    assert modules_seen(site.connection, site.add_person()) == {open_page}


@pytest.mark.parametrize(
    ("module_mode", "course_mode", "is_forced", "is_separate"),
    [(1, 0, False, True), (2, 0, False, False), (0, 0, False, False), (0, 1, True, True), (1, 2, True, False)],
)
def test_separate_groups(site: Site, module_mode: int, course_mode: int, is_forced: bool, is_separate: bool) -> None:
    site.connection.execute("update raw.courses set group_mode = %s, group_mode_forced = %s", [course_mode, is_forced])
    forum = site.add_module(modname="forum", group_mode=module_mode, indexed=False)
    mine, theirs = site.add_person(), site.add_person()
    group = site.add_group(mine)
    keys = {"course_id": f"{SITE}:{COURSE}", "module_id": f"{SITE}:{forum}"}
    for_all = add_document(site.connection, **keys, material_key="forum:1:discussion:1")
    of_group = add_document(site.connection, **keys, material_key="forum:1:discussion:2", group_id=group)
    both = {for_all, of_group}
    assert documents_seen(site.connection, mine) == both
    assert documents_seen(site.connection, theirs) == ({for_all} if is_separate else both)
    assert documents_seen(site.connection, site.add_person("teacher")) == ({for_all} if is_separate else both)
    assert documents_seen(site.connection, site.add_person("editingteacher")) == both
    assert documents_seen(site.connection, site.add_person("manager")) == both


def test_a_document_that_moves_takes_its_passages_along(site: Site) -> None:
    student = site.add_person()
    hidden = site.add_module(is_visible=False, indexed=False)
    document = add_document(site.connection, source="file", course_id=f"{SITE}:{COURSE}")
    assert documents_seen(site.connection, student) == {document}
    site.connection.execute(
        "update content.documents set source = 'moodle', module_id = %s where document_id = %s",
        [f"{SITE}:{hidden}", document],
    )
    assert documents_seen(site.connection, student) == set()


def as_serving(site: Site, account: UUID, statement: str, *parameters: object) -> int:
    with site.connection.transaction(force_rollback=True):
        site.connection.execute("set local role studium_api")
        assume(site.connection, account)
        return site.connection.execute(statement, parameters).rowcount


def test_serving_adds_only_what_its_asker_may_give(site: Site) -> None:
    student, other, teacher = site.add_person(), site.add_person(), site.add_person("teacher")
    add = "insert into content.documents (source, owner_id, course_id, title) values (%s, %s, %s, 'x') returning title"
    course = f"{SITE}:{COURSE}"
    assert as_serving(site, student, add, "upload", student, None) == 1
    assert as_serving(site, teacher, add, "file", None, course) == 1
    for account, source, owner, into in [
        (student, "upload", other, None),
        (student, "file", None, course),
        (teacher, "file", None, f"{SITE}:2"),
        (teacher, "moodle", None, course),
    ]:
        with pytest.raises(errors.InsufficientPrivilege):
            as_serving(site, account, add, source, owner, into)


def test_serving_changes_only_its_askers_uploads(site: Site) -> None:
    teacher, other = site.add_person("editingteacher"), site.add_person()
    site.add_module()
    add_document(site.connection, source="upload", owner_id=other)
    mine = add_document(site.connection, source="upload", owner_id=teacher)
    assert len(documents_seen(site.connection, teacher)) == 2
    for statement in ("update content.documents set title = 'x'", "delete from content.documents"):
        assert as_serving(site, teacher, statement) == 1
    with pytest.raises(errors.InsufficientPrivilege):
        as_serving(site, teacher, "update content.documents set owner_id = %s where document_id = %s", other, mine)


def test_serving_reads_nothing_of_raw(site: Site) -> None:
    site.connection.execute("set local role studium_api")
    with pytest.raises(errors.InsufficientPrivilege):
        site.connection.execute("select from raw.modules")


def test_who_asks_is_taken_from_the_transaction(site: Site) -> None:
    page = site.add_module()
    student: UUID = site.add_person()
    assert modules_seen(site.connection, student) == {page}
    site.connection.execute("set local role studium_api")
    assert site.connection.execute("select from content.documents").rowcount == 0


def test_an_account_that_goes_takes_its_uploads_along(site: Site) -> None:
    student = site.add_person()
    add_document(site.connection, source="upload", owner_id=student)
    site.connection.execute("delete from app.accounts where account_id = %s", [student])
    for table in ("documents", "passages", "lexemes", "scopes"):
        assert site.connection.execute(f"select from content.{table}").rowcount == 0
