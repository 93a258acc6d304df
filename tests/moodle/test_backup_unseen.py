"""What courses never seen here hold: a recorded backup, edited to say what other sites' backups say."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from backup_help import PHA203, add_activity, edit, opened, read, reasons

from pipelines.checks.landing import unsound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return opened(PHA203, tmp_path / "a")


def completion(number: int, user: int, state: int) -> str:
    facts = f"<userid>{user}</userid><completionstate>{state}</completionstate><timemodified>1791309977</timemodified>"
    return f"<completion id='{number}'>{facts}</completion>"


def grade_item(number: int, name: str, users: list[int], item: str = "") -> str:
    grades = [
        f"<grade_grade id='{number * 100 + user}'><userid>{user}</userid><finalgrade>7.50000</finalgrade>"
        "<locked>1791309977</locked><overridden>1791309977</overridden></grade_grade>"
        for user in users
    ]
    facts = f"<itemname>{name}</itemname><itemtype>mod</itemtype><grademax>10.00000</grademax><grademin>0</grademin>"
    return f"<grade_item id='{number}'>{facts}{item}<grade_grades>{''.join(grades)}</grade_grades></grade_item>"


KINDS = ("lti", "scorm", "wiki", "data", "feedback", "survey", "imscp", "chat", "bigbluebuttonbn", "lesson", "escape2")


def test_kinds_we_do_not_read_are_modules_with_grades_and_completion(folder: Path) -> None:
    before = read(folder)
    for place, kind in enumerate(KINDS):
        add_activity(folder, kind, 900 + place, 17, f"<name>The {kind}</name><intro>What to do</intro>")
    items = grade_item(801, "Submission", [9, 13]) + grade_item(802, "Assessment", [9, 13, 17])
    outcome = grade_item(803, "Outcome", [9], "<gradetype>2</gradetype><scaleid>2</scaleid><outcomeid>4</outcomeid>")
    states = "".join(completion(700 + state, user, state) for state, user in enumerate((9, 13, 17, 21)))
    add_activity(
        folder,
        "workshop",
        950,
        17,
        "<name>Peer review</name><submissionend>1791309977</submissionend>",
        grades=f"<activity_gradebook><grade_items>{items}{outcome}</grade_items></activity_gradebook>",
        completion=f"<completions>{states}</completions>",
    )
    records = read(folder)
    assert records.refused == {}
    assert unsound(records) == []
    more = {table: len(frame) - len(before.tables[table]) for table, frame in records.tables.items()}
    materials = more.pop("materials")
    assert {table: count for table, count in more.items() if count} == {
        "modules": len(KINDS) + 1,
        "grade_items": 3,
        "grades": 6,
        "completions": 4,
    }
    assert materials == len(KINDS)


def test_what_a_plugin_keeps_under_the_name_of_a_date_costs_no_module(folder: Path) -> None:
    add_activity(
        folder,
        "scheduler",
        900,
        17,
        "<name>Talks</name><timeopen>2026-01-01</timeopen><timeclose>99999999999999</timeclose>",
        completion=f"<completions>{completion(700, 9, 1)}</completions>",
    )
    records = read(folder)
    assert records.refused == {}
    module = records.tables["modules"].filter(cmid=900).row(0, named=True)
    assert (module["opens_at"], module["closes_at"], module["due_at"]) == (None, None, None)
    assert len(records.tables["completions"].filter(cmid=900)) == 1


OPTION = (
    "<courseformatoption><format>{}</format><sectionid>0</sectionid><name>hiddensections</name>"
    "<value>{}</value></courseformatoption>"
)


@pytest.mark.parametrize(
    ("options", "mode"), [([("topics", 0), ("weeks", 1)], 1), ([("topics", 1)], None), ([("weeks", "folded")], None)]
)
def test_only_the_format_a_course_has_speaks_for_it(
    folder: Path, options: list[tuple[str, object]], mode: int | None
) -> None:
    text = (folder / "course/course.xml").read_text()
    start, end = text.index("<courseformatoptions>"), text.index("</courseformatoptions>")
    told = "".join(OPTION.format(*option) for option in options)
    (folder / "course/course.xml").write_text(f"{text[:start]}<courseformatoptions>{told}{text[end:]}")
    assert read(folder).tables["courses"]["hidden_sections_mode"].to_list() == [mode]


def test_a_backup_made_without_files_is_a_course(folder: Path) -> None:
    whole = read(folder).tables["materials"].filter(pl.col("filename").is_not_null())
    edit(folder, "moodle_backup.xml", "<include_files>1<", "<include_files>0<")
    shutil.rmtree(folder / "files")
    records = read(folder)
    assert reasons(records) == {"materials": ["bytes_elsewhere"] * len(whole)}
    assert unsound(records) == []


@pytest.mark.parametrize("kept", ["$@NULL@$", "", "unknown"])
def test_a_file_of_no_media_type_has_the_one_of_its_name(folder: Path, kept: str) -> None:
    edit(folder, "files.xml", "<mimetype>application/pdf<", f"<mimetype>{kept}<")
    records = read(folder)
    files = records.tables["materials"].filter(pl.col("filename").str.ends_with(".pdf"))
    assert set(files["media_type"]) == {"application/pdf"}
    assert unsound(records) == []


def question(number: int, qtype: str, special: str) -> str:
    return (
        f"<question_bank_entry id='{number}'><question_version><question_versions id='{number}'><version>1</version>"
        f"<status>ready</status><questions><question id='{number}'><parent>0</parent><name>Q{number}</name>"
        f"<questiontext>Put them in order: [[1]] {{#1}}</questiontext><questiontextformat>1</questiontextformat>"
        f"<defaultmark>1.0000000</defaultmark><qtype>{qtype}</qtype>{special}</question></questions>"
        "</question_versions></question_version></question_bank_entry>"
    )


def answers(first: int, *fractions: str) -> str:
    found = [
        f"<answer id='{number}'><answertext>A{number}</answertext><fraction>{fraction}</fraction></answer>"
        for number, fraction in enumerate(fractions, start=first)
    ]
    return f"<answers>{''.join(found)}</answers>"


def test_questions_of_every_type_are_taken(folder: Path) -> None:
    """An ordering question keeps the places of its items where others keep what an answer is worth."""
    before = read(folder)
    special = {
        "ordering": answers(8010, "1.0000000", "2.0000000", "3.0000000") + "<ordering id='1'/>",
        "multianswer": "<multianswer id='1'><question>1</question><sequence>8,9</sequence></multianswer>",
        "ddwtos": answers(8020, "0.0000000", "0.0000000") + "<ddwtos id='1'/>",
        "calculated": answers(8030, "1.0000000")
        + "<dataset_definitions><dataset_definition id='1'/><dataset_definition id='2'/></dataset_definitions>",
        "description": "",
        "random": "",
    }
    told = [
        question(7000 + place, qtype, f"<plugin_qtype_{qtype}_question>{inner}</plugin_qtype_{qtype}_question>")
        for place, (qtype, inner) in enumerate(special.items())
    ]
    odd = question(7100, "of a plugin's own", "")
    entries = "".join([*told, odd])
    edit(folder, "questions.xml", "</question_bank_entries>", f"{entries}</question_bank_entries>", 1)
    records = read(folder)
    assert records.refused == {}
    assert unsound(records) == []
    assert len(records.tables["questions"]) == len(before.tables["questions"]) + 7
    assert len(records.tables["question_answers"]) == len(before.tables["question_answers"]) + 6


def test_attempts_inside_an_attempt_are_a_plugins_own(folder: Path) -> None:
    before = read(folder)
    own = "<attempts><attempt id='5'><picture>taken</picture></attempt></attempts>"
    around = f"<subplugin_quizaccess_camera_attempt>{own}</subplugin_quizaccess_camera_attempt></attempt>"
    edit(folder, "activities/quiz_79/quiz.xml", "</attempt>", around)
    records = read(folder)
    assert records.refused == {}
    for table in ("quiz_attempts", "question_attempts", "question_attempt_steps"):
        assert records.tables[table].equals(before.tables[table])
