"""The test site itself: its edits say what the experiment recorded, and what follows from a recording does follow."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from moodle_site.changes import change_group, hide_section, vanish
from moodle_site.edits import EXPECTED, OPERATIONS, edit
from moodle_site.recordings import Recordings, learners, recording
from moodle_site.site import TOKENS, Site

AT = 1795400000


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def ask(site: Site, function: str, account: str = "service", **params: object) -> Any:
    form = {"wstoken": TOKENS[account], "wsfunction": function, "moodlewsrestformat": "json"}
    asked = {name: str(value) for name, value in params.items()}
    return httpx2.post(f"{site.url}/webservice/rest/server.php", data=form | asked).raise_for_status().json()


def contents(site: Site, course: int, account: str = "service") -> dict[int, dict[str, Any]]:
    """A course as the experiment looked at it."""
    return {
        module["id"]: {
            "name": module["name"],
            "visible": module["visible"],
            "section": section["section"],
            "lastmodified": module.get("contentsinfo", {}).get("lastmodified", 0),
            "files": [(f["filename"], f["timemodified"], f["filesize"]) for f in module.get("contents", [])],
        }
        for section in ask(site, "core_course_get_contents", account, courseid=course)
        for module in section["modules"]
    }


@pytest.mark.parametrize("op", OPERATIONS)
def test_an_edit_changes_the_contents_as_it_did_in_the_experiment(site: Site, op: str) -> None:
    before = contents(site, 2)
    done = edit(site, op, at=AT)
    after = contents(site, 2)
    changed = {cmid for cmid in before | after if before.get(cmid) != after.get(cmid)}
    recorded = next(iter(EXPECTED[op]["contents_diff"].values()), None)
    assert changed == ({done.cmid} if recorded else set())
    if recorded:
        was, now = before.get(done.cmid or 0), after.get(done.cmid or 0)
        assert (was is None, now is None) == (recorded["before"] is None, recorded["after"] is None)
        assert _aspects(was, now) == _aspects(recorded["before"], recorded["after"])


def _aspects(before: dict[str, Any] | None, after: dict[str, Any] | None) -> set[str]:
    """What of a module is another than before."""
    if before is None or after is None:
        return set()
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize("op", OPERATIONS)
def test_an_edit_is_told_as_it_was_in_the_experiment(site: Site, op: str) -> None:
    course = 2 if op == "glossary_entry" else 4
    done = edit(site, op, course=course, at=AT)
    if course == 4:
        told = ask(site, "core_course_get_updates_since", courseid=4, since=AT - 1)
    else:
        asked = {"tocheck[0][contextlevel]": "module", "tocheck[0][id]": done.cmid, "tocheck[0][since]": AT - 1}
        told = ask(site, "core_course_check_updates", courseid=2, **asked)
    recorded = EXPECTED[op]["updates_since"]["instances"]
    assert [one["id"] for one in told["instances"]] == [done.cmid] * len(recorded)
    for one, other in zip(told["instances"], recorded, strict=True):
        assert [list(update) for update in one["updates"]] == [list(update) for update in other["updates"]]
        assert [update["name"] for update in one["updates"]] == [update["name"] for update in other["updates"]]
    assert told["warnings"] == []


def test_nothing_is_told_of_what_was_before(site: Site) -> None:
    edit(site, "page_edit", course=4, at=AT)
    assert ask(site, "core_course_get_updates_since", courseid=4, since=AT) == {"instances": [], "warnings": []}
    with pytest.raises(httpx2.HTTPStatusError, match="501"):
        ask(site, "core_course_get_updates_since", courseid=4, since=0)
    assert len(site.unrecorded) == 1


@pytest.mark.parametrize("account", ["service", "teacher", "student"])
def test_a_course_with_a_random_question_is_never_told(site: Site, account: str) -> None:
    said = ask(site, "core_course_get_updates_since", account, courseid=2, since=AT)
    assert said["errorcode"] == "dmlreadexception"
    asked = {"tocheck[0][contextlevel]": "module", "tocheck[0][id]": 26, "tocheck[0][since]": AT}
    assert ask(site, "core_course_check_updates", account, courseid=2, **asked)["errorcode"] == "dmlreadexception"


def test_what_is_hidden_is_gone_for_students_alone(site: Site) -> None:
    done = edit(site, "hide", at=AT)
    assert contents(site, 2)[done.cmid or 0]["visible"] == 0
    assert contents(site, 2, "teacher")[done.cmid or 0]["visible"] == 0
    assert done.cmid not in contents(site, 2, "student")
    pages = ask(site, "mod_page_get_pages_by_courses", "student", **{"courseids[0]": 2})["pages"]
    assert done.cmid not in {page["coursemodule"] for page in pages}


def test_a_page_is_the_same_wherever_it_is_asked_for(site: Site) -> None:
    done = edit(site, "page_edit", course=4, at=AT)
    pages = ask(site, "mod_page_get_pages_by_courses", **{"courseids[0]": 4})["pages"]
    page = next(page for page in pages if page["coursemodule"] == done.cmid)
    path = f"{site.url}/webservice/pluginfile.php/120/mod_page/content/index.html"
    served = httpx2.post(path, data={"token": TOKENS["service"]})
    assert page["content"] in served.text
    assert contents(site, 4)[done.cmid or 0]["lastmodified"] == page["timemodified"] == AT


def test_a_new_file_is_served_and_a_deleted_page_is_not(site: Site) -> None:
    edit(site, "folder_addfile", course=4, at=AT)
    gone = edit(site, "delete", course=4, at=AT)
    folder = f"{site.url}/webservice/pluginfile.php/128/mod_folder/content/0/new.txt"
    new = httpx2.post(folder, data={"token": TOKENS["service"]})
    assert (new.status_code, new.content) == (200, b"new!\n")
    context = {63: 120, 66: 123, 69: 126, 73: 130, 84: 141}[gone.cmid or 0]
    page = f"{site.url}/webservice/pluginfile.php/{context}/mod_page/content/index.html"
    assert httpx2.post(page, data={"token": TOKENS["service"]}).json()["errorcode"] == "filenotfound"


def test_edits_of_one_site_are_not_seen_in_another(site: Site) -> None:
    edit(site, "section_summary", at=AT)
    with Site() as other:
        assert ask(other, "core_course_get_contents", courseid=2) != ask(site, "core_course_get_contents", courseid=2)


def test_fewer_courses_get_a_part_of_the_recorded_answer() -> None:
    """Quizzes were recorded both ways, which is what the rule for the other kinds rests on."""
    recordings = Recordings()
    for function, params, body in learners():
        if function == "mod_quiz_get_quizzes_by_courses":
            part = recordings._of_fewer_courses(function, "service", params)
            assert [quiz["id"] for quiz in part["quizzes"]] == [quiz["id"] for quiz in body["quizzes"]]
            assert part == body
    assert recording("mod_quiz_get_quizzes_by_courses/service/all3").params["courseids[1]"] == "3"


@pytest.mark.parametrize("course", [2, 4])
def test_a_course_vanishes(site: Site, course: int) -> None:
    vanish(site, course)
    assert ask(site, "core_course_get_contents", courseid=course)["errorcode"] == "invalidrecord"
    assert course not in {row["id"] for row in ask(site, "core_course_get_courses")}
    assert course not in {row["id"] for row in ask(site, "core_course_get_courses_by_field")["courses"]}


@pytest.mark.parametrize(("course", "account"), [(2, "teacher"), (4, "service")])
def test_a_section_is_hidden_as_one_was_recorded(site: Site, course: int, account: str) -> None:
    hide_section(site, course, 1)
    staff = ask(site, "core_course_get_contents", account, courseid=course)
    assert [(row["section"], row["visible"], bool(row["modules"])) for row in staff][1] == (1, 0, True)
    if course == 2:
        assert 1 not in {row["section"] for row in ask(site, "core_course_get_contents", "student", courseid=2)}


def test_a_person_changes_groups(site: Site) -> None:
    change_group(site, 2, 3, old=1, new=2)
    people = ask(site, "core_enrol_get_enrolled_users", courseid=2)
    assert [group["name"] for group in next(one for one in people if one["id"] == 3)["groups"]] == ["Tutorial group B"]
    members = ask(site, "core_group_get_group_members", **{f"groupids[{index}]": index + 1 for index in range(4)})
    assert [group["groupid"] for group in members if 3 in group["userids"]] == [2]
