"""The two recorded courses, held against what Moodle's web services said of them on the same day."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from backup_help import CVS201, PHA203, opened, read, reasons, texts

from studium.moodle.harvest import CourseRecords, Silence
from studium.moodle.keys import CourseKey


@pytest.fixture(scope="module")
def cvs(tmp_path_factory: pytest.TempPathFactory) -> CourseRecords:
    return read(opened(CVS201, tmp_path_factory.mktemp("cvs")))


@pytest.fixture(scope="module")
def pha(tmp_path_factory: pytest.TempPathFactory) -> CourseRecords:
    return read(opened(PHA203, tmp_path_factory.mktemp("pha")))


def module_grades(records: CourseRecords) -> pl.Series:
    items = records.tables["grade_items"].filter(pl.col("item_type") == "mod")
    return records.tables["grades"].join(items, on="grade_item_id")["final_grade"].drop_nulls()


def row(records: CourseRecords, table: str, **where: object) -> dict[str, object]:
    """The one row of a table where these columns have these values."""
    return records.tables[table].row(
        by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in where.items()), named=True
    )


def test_cvs201_whole(cvs: CourseRecords) -> None:
    assert cvs.course == CourseKey("example", 2)
    assert cvs.refused == {}
    assert cvs.silence == Silence()
    assert len(cvs.tables["modules"]) == 29
    assert dict(cvs.tables["role_assignments"]["role"].value_counts().iter_rows()) == {
        "student": 40,
        "editingteacher": 2,
        "teacher": 1,
    }
    attempts = cvs.tables["quiz_attempts"]
    finished = attempts.filter(pl.col("state") == "finished")
    assert (len(finished), finished["user_id"].n_unique()) == (141, 38)
    assert attempts.filter(pl.col("state") == "inprogress").height == 2
    assert len(cvs.tables["question_attempts"]) == 1044
    assert (len(module_grades(cvs)), round(module_grades(cvs).mean(), 4)) == (113, 40.0785)  # type: ignore[arg-type, call-overload]
    assert len(cvs.tables["completions"]) == 624


def test_pha203_whole(pha: CourseRecords) -> None:
    assert pha.refused == {}
    assert (len(pha.tables["quiz_attempts"]), len(pha.tables["question_attempts"])) == (70, 490)
    assert (len(module_grades(pha)), round(module_grades(pha).mean(), 4)) == (78, 26.3828)  # type: ignore[arg-type, call-overload]


def test_the_course_and_its_days(cvs: CourseRecords) -> None:
    course = row(cvs, "courses", course_id=2)
    assert (course["shortname"], course["hidden_sections_mode"], course["completion_enabled"]) == ("CVS201", 1, True)
    assert course["start_at"] == datetime(2026, 9, 20, 23, tzinfo=UTC)
    assert course["default_grouping_id"] is None
    assert course["language"] is None


def test_a_subsection_hangs_on_the_module_that_shows_it(cvs: CourseRecords) -> None:
    section = row(cvs, "sections", section_id=8)
    assert (section["component"], section["parent_module"], section["sequence"]) == ("mod_subsection", 22, [23])
    assert row(cvs, "modules", cmid=22)["modname"] == "subsection"
    assert row(cvs, "sections", section_id=7)["is_visible"] is False


def test_conditions_and_dates_of_modules(pha: CourseRecords) -> None:
    page = row(pha, "modules", cmid=76)
    assert json.loads(str(page["availability"]))["c"] == [{"type": "group", "id": 9}]
    quiz = row(pha, "modules", cmid=79)
    assert quiz["due_at"] == quiz["closes_at"] == row(pha, "quizzes", cmid=79)["closes_at"]
    essay = row(pha, "modules", cmid=81)
    assert (essay["due_at"], essay["closes_at"]) == (
        row(pha, "assignments", cmid=81)["due_at"],
        row(pha, "assignments", cmid=81)["cutoff_at"],
    )


def test_every_step_of_an_attempt(cvs: CourseRecords) -> None:
    question = row(cvs, "question_attempts", question_attempt_id=177)
    assert (question["state"], question["fraction"], question["mark"]) == ("gradedwrong", 0.0, 0.0)
    steps = cvs.tables["question_attempt_steps"].filter(pl.col("question_attempt_id") == 177).sort("sequence")
    assert steps["state"].to_list() == ["todo", "complete", "gradedwrong"]
    assert [json.loads(r) for r in steps["response"]] == [{"_order": "4,1,3,2"}, {"answer": "0"}, {"-finish": "1"}]


def test_the_marks_add_up_to_the_attempt(cvs: CourseRecords) -> None:
    sums = cvs.tables["question_attempts"].group_by("attempt_id").agg(pl.col("mark").sum())
    both = cvs.tables["quiz_attempts"].drop_nulls("sum_grades").join(sums, on="attempt_id")
    assert len(both) == 128, "13 finished ones wait for a teacher"
    assert both.filter((pl.col("mark") - pl.col("sum_grades")).abs() > 1e-4).is_empty()


def test_the_question_bank(cvs: CourseRecords) -> None:
    kinds = dict(cvs.tables["questions"]["qtype"].value_counts().iter_rows())
    assert kinds == {"multichoice": 6, "truefalse": 4, "numerical": 3, "shortanswer": 2, "match": 1, "essay": 1}
    matching = row(cvs, "questions", qtype="match")
    pairs = cvs.tables["question_answers"].filter(pl.col("question_id") == matching["question_id"])
    assert pairs["kind"].unique().to_list() == ["match"]
    assert pairs.sort("position").row(0, named=True)["prompt"] == "Phase 0"
    assert row(cvs, "question_answers", answer_id=21, kind="answer")["tolerance"] == "5"
    essay = json.loads(str(row(cvs, "questions", qtype="essay")["settings"]))
    assert essay["essay"]["responseformat"] == "editor"


def test_random_questions_name_what_they_are_drawn_from(cvs: CourseRecords) -> None:
    slots = cvs.tables["quiz_slots"].filter(pl.col("cmid") == 26)
    random = slots.filter("is_random")
    assert len(random) > 0
    assert json.loads(random["filter"][0])["filter"]["category"]["values"] == ["4"]
    assert random["entry_id"].null_count() == len(random)
    fixed = cvs.tables["quiz_slots"].filter(~pl.col("is_random"))
    assert set(fixed["entry_id"]) <= set(cvs.tables["questions"]["entry_id"])


def test_a_total_is_out_of_what_is_graded_so_far(cvs: CourseRecords) -> None:
    total = row(cvs, "grade_items", item_type="course")
    grades = cvs.tables["grades"].filter(pl.col("grade_item_id") == total["grade_item_id"])
    assert total["grade_max"] == 230
    assert {10, 110, 200, 220} <= set(grades["grade_max"])
    assert grades["grade_max"].max() == 220
    others = cvs.tables["grades"].filter(pl.col("grade_item_id") != total["grade_item_id"])
    assert others["grade_max"].null_count() == len(others)


def test_what_there_is_to_read(cvs: CourseRecords) -> None:
    keys = set(cvs.tables["materials"]["material_key"])
    assert {
        "course",
        "section:2",
        "label:4",
        "page:6",
        "url:15",
        "book:11:chapter:3",
        "glossary:5:entry:1",
        "forum:3:discussion:6",
        "quiz:24:intro",
        "assign:27:intro",
        "folder:14:file:/images/pv_loop.png",
        "resource:8:file:/cvs201-learning-objectives.txt",
    } <= keys
    assert "page:6:intro" not in keys, "the option that shows it is off"
    assert not any("ventricular_ap.png" in key for key in keys if key.startswith("page:")), "a picture is in its page"


def test_materials_are_what_their_hashes_say(cvs: CourseRecords) -> None:
    for material in cvs.tables["materials"].rows(named=True):
        content = cvs.contents[material["object_path"]]
        data = content if isinstance(content, bytes) else Path(content).read_bytes()
        assert hashlib.sha256(data).hexdigest() == material["content_sha256"]
        assert len(data) == material["byte_size"]


def test_texts_lead_to_the_site(cvs: CourseRecords) -> None:
    said = texts(cvs)
    assert "http://127.0.0.1:8088/pluginfile.php/62/mod_page/content/1/ventricular_ap.png" in said["page:6"]
    everything = "".join(said.values())
    assert "@@PLUGINFILE@@" not in everything
    assert "$@" not in everything
    assert "http://127.0.0.1:8088/mod/page/view.php?id=9" in everything
    assert row(cvs, "materials", material_key="book:11:chapter:3")["url"] == (
        "http://127.0.0.1:8088/mod/book/view.php?id=11&chapterid=3"
    )


def test_nothing_a_learner_wrote_for_a_mark_is_material(cvs: CourseRecords) -> None:
    everything = "".join(texts(cvs).values())
    assert "negative feedback loop with receptors" in "".join(
        cvs.tables["assignment_submissions"]["online_text"].drop_nulls()
    )
    assert "negative feedback loop with receptors" not in everything
    assert "Which ion current is responsible for phase 0" not in everything
    assert reasons(cvs) == {}
