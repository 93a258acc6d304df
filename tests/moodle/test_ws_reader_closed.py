"""What the reader does where Moodle says less than it could, something else, or nothing: closed rather than open.

The cases are the recorded answers with one thing changed in each; none of them was recorded as such.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import ws_help
from ws_help import CVS

from studium.moodle.harvest import CourseRecords, Reason
from studium.moodle.webservice.answers import Answers, Call, Told, Unasked
from studium.moodle.webservice.errors import NotPermitted, SurprisingAnswer
from studium.moodle.webservice.reader.people import ENROLLED, ONLY_ACTIVE
from studium.moodle.webservice.reader.read import CONTENTS, read_course, wanted_files

STATE = "core_courseformat_get_state"
LEARNER, ATTEMPTS = "3", {"117", "141", "209"}
CLOSED = '{"c":[{"type":"unreadable"}],"op":"&","showc":[false]}'


@pytest.fixture
def answers() -> Answers:
    """CVS201's answers, with one learner's attempts: the others' are large and say nothing more here."""
    said = {
        call: Told.of({"attempts": []}) if is_attempts_of_others(call) else told
        for call, told in ws_help.answers_of(CVS).said.items()
        if call[0] != "mod_quiz_get_attempt_review" or dict(call[1])["attemptid"] in ATTEMPTS
    }
    return Answers(copy.deepcopy(said))


def is_attempts_of_others(call: Call) -> bool:
    return call[0] == "mod_quiz_get_user_attempts" and dict(call[1]).get("userid") != LEARNER


def row(records: CourseRecords, table: str, **where: object) -> dict[str, Any]:
    return records.tables[table].row(
        by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in where.items()), named=True
    )


def module(answers: Answers, cmid: int) -> dict[str, Any]:
    contents = answers.get(CONTENTS, courseid=2)
    return next(m for section in contents for m in section["modules"] if m["id"] == cmid)


def refuse(answers: Answers, function: str, **parameters: Any) -> None:
    answers.refuse(NotPermitted(function, "no", errorcode="nopermissions"), function, **parameters)


def keys(records: CourseRecords) -> set[str]:
    return set(records.tables["materials"]["material_key"])


def change_state(answers: Answers, kind: str, id_: int, **changes: object) -> None:
    state = json.loads(answers.get(STATE, courseid=2))
    next(one for one in state[kind] if int(one["id"]) == id_).update(changes)
    answers.put(json.dumps(state), STATE, courseid=2)


def test_a_restricted_section_opens_to_nobody(answers: Answers) -> None:
    change_state(answers, "section", 3, hasrestrictions=True)
    records = ws_help.read(CVS, answers)
    assert row(records, "sections", section_id=3)["availability"] == CLOSED
    assert row(records, "sections", section_id=2)["availability"] is None


def test_a_section_with_a_word_about_its_conditions_opens_to_nobody(answers: Answers) -> None:
    answers.get(CONTENTS, courseid=2)[2]["availabilityinfo"] = "Not available unless: you are in Group A"
    assert row(ws_help.read(CVS, answers), "sections", section_id=3)["availability"] == CLOSED


def test_sections_of_which_nothing_is_told_open_to_nobody(answers: Answers) -> None:
    refuse(answers, STATE, courseid=2)
    sections = ws_help.read(CVS, answers).tables["sections"]
    assert sections["availability"].to_list() == [CLOSED] * 8
    assert sections["name"][0] == "General"


def _drop(found: dict[str, Any]) -> None:
    del found["availability"]


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(availability=None, availabilityinfo="Not available unless: …"),
        lambda found: found.update(availability="{"),
        lambda found: found.update(availability='["a list"]'),
        _drop,
    ],
)
def test_a_module_whose_conditions_are_kept_from_us_opens_to_nobody(
    answers: Answers, change: Callable[[dict[str, Any]], None]
) -> None:
    change(module(answers, 19))
    assert row(ws_help.read(CVS, answers), "modules", cmid=19)["availability"] == CLOSED


def test_a_module_the_page_marks_as_restricted_opens_to_nobody(answers: Answers) -> None:
    change_state(answers, "cm", 6, hascmrestrictions=True)
    assert row(ws_help.read(CVS, answers), "modules", cmid=6)["availability"] == CLOSED


def test_nobody_is_active_when_that_is_not_told(answers: Answers) -> None:
    refuse(answers, ENROLLED, courseid=2, options=list(ONLY_ACTIVE))
    assert ws_help.read(CVS, answers).tables["enrolments"]["status"].unique().to_list() == [1]


def test_without_the_list_of_people_the_people_of_before_stay(answers: Answers) -> None:
    refuse(answers, ENROLLED, courseid=2)
    records = ws_help.read(CVS, answers)
    assert records.silence.people
    assert set(records.silence.work) == set(records.tables["modules"]["cmid"])
    assert records.tables["enrolments"].is_empty()


def test_an_empty_course_is_told(answers: Answers) -> None:
    answers.put([], ENROLLED, courseid=2)
    assert not ws_help.read(CVS, answers).silence.people


@pytest.mark.parametrize(
    ("function", "parameters", "cmid"),
    [
        ("mod_quiz_get_user_attempts", {"quizid": 1, "userid": 3, "status": "all", "includepreviews": 0}, 24),
        ("mod_quiz_get_attempt_review", {"attemptid": 117, "page": -1}, 24),
        ("mod_assign_get_submissions", {"assignmentids": [1]}, 27),
        ("mod_forum_get_discussion_posts", {"discussionid": 14}, 3),
        ("mod_glossary_get_entries_by_letter", {"id": 1, "letter": "ALL", "from": 0, "limit": 50}, 5),
    ],
)
def test_work_that_is_refused_stays_as_it_was(
    answers: Answers, function: str, parameters: dict[str, Any], cmid: int
) -> None:
    refuse(answers, function, **parameters)
    assert cmid in ws_help.read(CVS, answers).silence.work


def test_a_refused_completion_leaves_all_work_as_it_was(answers: Answers) -> None:
    refuse(answers, "core_completion_get_activities_completion_status", courseid=2, userid=3)
    records = ws_help.read(CVS, answers)
    assert set(records.silence.work) == set(records.tables["modules"]["cmid"])


def test_a_kind_that_is_refused_leaves_its_modules_as_they_were(answers: Answers) -> None:
    refuse(answers, "mod_page_get_pages_by_courses", courseids=[2])
    records = ws_help.read(CVS, answers)
    pages = records.tables["modules"].filter(pl.col("modname") == "page")["cmid"].to_list()
    assert records.silence.modules == tuple(sorted(pages))
    assert not any(key.startswith("page:") for key in keys(records))


@pytest.mark.parametrize("function", [CONTENTS, "core_course_get_courses_by_field"])
def test_a_course_that_is_refused_is_not_read(answers: Answers, function: str) -> None:
    parameters: dict[str, Any] = {"courseid": 2} if function == CONTENTS else {"field": "id", "value": 2}
    refuse(answers, function, **parameters)
    with pytest.raises(NotPermitted):
        ws_help.read(CVS, answers)
    with pytest.raises(Unasked):
        ws_help.read(CVS, Answers())


@pytest.mark.parametrize("body", [{}, [], {"courses": []}, {"courses": [{"id": 3}]}])
def test_a_course_of_another_shape_is_not_read(answers: Answers, body: object) -> None:
    answers.put(body, "core_course_get_courses_by_field", field="id", value=2)
    with pytest.raises(SurprisingAnswer, match="cannot be read"):
        ws_help.read(CVS, answers)


def test_a_course_of_which_little_is_said_is_hidden(answers: Answers) -> None:
    answers.put({"courses": [{"id": 2}]}, "core_course_get_courses_by_field", field="id", value=2)
    assert not row(ws_help.read(CVS, answers), "courses", course_id=2)["is_visible"]


@pytest.mark.parametrize("contents", [{"a": 1}, ["x"], [{"id": 1}], None])
def test_contents_of_another_shape_are_not_read(answers: Answers, contents: object) -> None:
    answers.put(contents, CONTENTS, courseid=2)
    with pytest.raises(SurprisingAnswer, match="cannot be read"):
        ws_help.read(CVS, answers)


def test_a_surprise_in_one_answer_ends_that_part_only(answers: Answers) -> None:
    whole = ws_help.read(CVS, Answers(copy.deepcopy(answers.said)))
    asked = {"attemptid": 117, "page": -1}
    answers.get("mod_quiz_get_attempt_review", **asked)["questions"][0]["html"] = ["not", "a", "page"]
    records = ws_help.read(CVS, answers)
    lost = len(whole.tables["question_attempts"]) - len(records.tables["question_attempts"])
    assert lost == 1
    assert records.refused["modules"]["reason"].to_list() == [Reason.INVALID]
    assert "question 1 of attempt 117" in records.refused["modules"]["detail"][0]
    assert 24 in records.silence.work


def test_a_module_of_another_shape_keeps_what_was_known_of_it(answers: Answers) -> None:
    module(answers, 11)["contents"][0]["content"] = "no JSON"
    records = ws_help.read(CVS, answers)
    assert records.silence.modules == (11,)
    assert "page:12" in keys(records)


def test_grades_of_another_shape_leave_the_grades_as_they_were(answers: Answers) -> None:
    answers.put({"usergrades": [{"userid": 3}]}, "gradereport_user_get_grade_items", courseid=2)
    records = ws_help.read(CVS, answers)
    assert set(records.silence.work) == set(records.tables["modules"]["cmid"])


def test_a_discussion_of_one_group_is_that_groups(answers: Answers) -> None:
    module(answers, 3)["groupmode"] = 1
    discussions = answers.get("mod_forum_get_forum_discussions", forumid=3)["discussions"]
    next(d for d in discussions if d["discussion"] == 14)["groupid"] = 2
    records = ws_help.read(CVS, answers)
    assert row(records, "materials", material_key="forum:3:discussion:14")["group_id"] == 2
    assert row(records, "materials", material_key="forum:3:discussion:16")["group_id"] is None


def test_groups_forced_by_the_course_hold_in_its_forums(answers: Answers) -> None:
    found = answers.get("core_course_get_courses_by_field", field="id", value=2)["courses"]
    next(c for c in found if c["id"] == 2).update(groupmode=1, groupmodeforce=1)
    discussions = answers.get("mod_forum_get_forum_discussions", forumid=3)["discussions"]
    next(d for d in discussions if d["discussion"] == 14)["groupid"] = 2
    records = ws_help.read(CVS, answers)
    assert row(records, "materials", material_key="forum:3:discussion:14")["group_id"] == 2


@pytest.mark.parametrize("times", [{"timestart": 1795400000}, {"timeend": 1800000000}])
def test_a_discussion_shown_for_a_time_is_left_out(answers: Answers, times: dict[str, int]) -> None:
    discussions = answers.get("mod_forum_get_forum_discussions", forumid=3)["discussions"]
    next(d for d in discussions if d["discussion"] == 14).update(times)
    records = ws_help.read(CVS, answers)
    assert "forum:3:discussion:14" not in keys(records)
    assert row(records, "forum_discussions", discussion_id=14)["name"] == "Quiz 1 question 4"


def test_private_and_deleted_posts_are_in_no_material(answers: Answers) -> None:
    posts = {p["id"]: p for p in answers.get("mod_forum_get_discussion_posts", discussionid=14)["posts"]}
    posts[28]["isprivatereply"] = True
    posts[24]["isdeleted"] = True
    records = ws_help.read(CVS, answers)
    material = row(records, "materials", material_key="forum:3:discussion:14")
    text = records.contents[material["object_path"]]
    assert isinstance(text, bytes)
    assert b"misread" not in text
    assert b"AV node is right" not in text
    assert row(records, "forum_posts", post_id=28)["private_reply_to"] == 43


def test_a_question_and_answer_forum_shows_the_question_only(answers: Answers) -> None:
    answers.get("mod_forum_get_forums_by_courses", courseids=[2])[1]["type"] = "qanda"
    records = ws_help.read(CVS, answers)
    path = row(records, "materials", material_key="forum:3:discussion:16")["object_path"]
    assert records.contents[path] == b"<article><p>Do we need our own ECG paper?</p></article>"


def test_a_hidden_chapter_hides_what_is_below_it(answers: Answers) -> None:
    structure = module(answers, 11)["contents"][0]
    chapters = json.loads(structure["content"])
    chapters[1]["hidden"] = "1"
    structure["content"] = json.dumps(chapters)
    records = ws_help.read(CVS, answers)
    hidden = records.tables["book_chapters"].filter("is_hidden")["chapter_id"].to_list()
    assert hidden == [2, 3]
    assert {key for key in keys(records) if "chapter" in key} == {f"book:11:chapter:{n}" for n in (1, 4, 5)}


def test_files_not_brought_are_refused_by_name(answers: Answers) -> None:
    wanted = wanted_files(answers, CVS, ws_help.WWWROOT, ws_help.AT)
    assert len(wanted) == len({file.url for file in wanted})
    assert not any("?" in file.url or "token" in file.url for file in wanted)
    records = read_course(answers, CVS, ws_help.WWWROOT, ws_help.AT, {})
    refused = records.refused["materials"]
    assert refused["reason"].unique().to_list() == [Reason.BYTES_ELSEWHERE]
    assert len(refused) == len(wanted)
    with_all = read_course(answers, CVS, ws_help.WWWROOT, ws_help.AT, {file.url: b"<p>x</p>" for file in wanted})
    assert with_all.refused == {}


def test_a_file_beside_a_chapter_is_wanted_before_the_chapter_has_come(answers: Answers) -> None:
    book = module(answers, 11)
    page = next(file for file in book["contents"] if file["filename"] == "index.html")
    beside = page | {"filename": "notes.pdf", "fileurl": page["fileurl"].replace("index.html", "notes.pdf")}
    book["contents"].append(beside | {"filesize": 10, "mimetype": "application/pdf"})
    wanted = {file.url.rpartition("/")[2] for file in wanted_files(answers, CVS, ws_help.WWWROOT, ws_help.AT)}
    assert "notes.pdf" in wanted


def test_addresses_of_services_and_tokens_are_nobodys(answers: Answers) -> None:
    page = next(p for p in answers.get("mod_page_get_pages_by_courses", courseids=[2])["pages"] if p["id"] == 1)
    base = f"{ws_help.WWWROOT}/tokenpluginfile.php/0123456789abcdef"
    page["content"] = f'<p>See <img src="{base}/62/mod_page/content/1/a.png"> @@PLUGINFILE@@/b.png</p>'
    records = ws_help.read(CVS, answers)
    text = records.contents[row(records, "materials", material_key="page:6")["object_path"]]
    place = f"{ws_help.WWWROOT}/pluginfile.php/62/mod_page/content/1"
    assert text == f'<p>See <img src="{place}/a.png"> {place}/b.png</p>'.encode()


def test_several_methods_of_enrolment_leave_each_persons_unknown(answers: Answers) -> None:
    found = answers.get("core_course_get_courses_by_field", field="id", value=2)["courses"]
    next(c for c in found if c["id"] == 2)["enrollmentmethods"] = ["manual", "self"]
    assert ws_help.read(CVS, answers).tables["enrolments"]["method"].unique().to_list() == ["unknown"]


def test_the_groups_a_grouping_has(answers: Answers) -> None:
    """Asked, but not recorded; the shape is that of Moodle's description of the function."""
    told = [
        {"id": 1, "courseid": 2, "name": "Tutorial groups", "groups": [{"id": 1, "name": "A"}, {"id": 4, "name": "D"}]}
    ]
    answers.put(told, "core_group_get_groupings", groupingids=[1], returngroups=True)
    assert ws_help.read(CVS, answers).tables["grouping_groups"]["group_id"].to_list() == [1, 4]


def test_a_glossary_of_several_pages_is_read_to_its_end(answers: Answers) -> None:
    asked = {"id": 1, "letter": "ALL", "from": 0, "limit": 50}
    first = answers.get("mod_glossary_get_entries_by_letter", **asked)
    more = copy.deepcopy(first["entries"][0]) | {"id": 900, "concept": "Systole &amp; diastole"}
    first["count"] = 51
    answers.put({"count": 51, "entries": [more]}, "mod_glossary_get_entries_by_letter", **asked | {"from": 50})
    assert row(ws_help.read(CVS, answers), "glossary_entries", entry_id=900)["concept"] == "Systole & diastole"


def test_reading_twice_gives_the_same(answers: Answers) -> None:
    once, again = ws_help.read(CVS, answers), ws_help.read(CVS, Answers(dict(reversed(answers.said.items()))))
    assert once.sha256 == again.sha256
    assert all(once.tables[table].equals(again.tables[table]) for table in once.tables)
