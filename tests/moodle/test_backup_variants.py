"""Backups as other versions, other plugins and other choices make them, and what stays out of what is read."""

import json
import re
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
import pytest
from backup_help import PHA203, Tiny, edit, opened, read, reasons, texts

from studium.moodle.errors import DamagedBackupError
from studium.moodle.harvest import Silence
from studium.moodle.records.fields import UNREADABLE


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)


def material_keys(folder: Path) -> list[str]:
    return read(folder).tables["materials"]["material_key"].to_list()


def test_the_least_a_backup_can_say(tiny: Tiny) -> None:
    tiny.add("page", 7, "<name>Only a page</name><content>Hello</content>")
    records = read(tiny.finish())
    assert records.refused == {}
    assert texts(records) == {"page:7": "Hello"}
    module = records.tables["modules"].row(0, named=True)
    assert (module["name"], module["position"], module["is_visible"], module["instance_id"]) == (
        "Only a page",
        1,
        True,
        107,
    )
    assert records.tables["course_users"]["user_id"].to_list() == [1, 2, 3]


@pytest.mark.parametrize("body", ["<intro>What to do</intro><name>Escape room</name>", None])
def test_an_unknown_kind_of_module_is_a_module(tiny: Tiny, body: str | None) -> None:
    tiny.add("escaperoom", 7, body, title="From the contents")
    records = read(tiny.finish())
    name = "Escape room" if body else "From the contents"
    module = records.tables["modules"].row(0, named=True)
    assert (module["modname"], module["name"]) == ("escaperoom", name)
    assert module["url"] == "https://moodle.example.test/mod/escaperoom/view.php?id=7"
    assert texts(records) == ({"escaperoom:7:intro": "What to do"} if body else {})


def test_hidden_chapters_are_known_but_not_to_be_read(tiny: Tiny) -> None:
    chapter = (
        "<chapter id='{0}'><pagenum>{0}</pagenum><subchapter>{1}</subchapter><hidden>{2}</hidden>"
        "<title>C{0}</title><content>text {0}</content></chapter>"
    )
    chapters = [(3, 1, 0), (1, 0, 0), (2, 0, 1), (4, 0, 0), (5, 1, 1)]
    tiny.add("book", 7, f"<name>B</name><chapters>{''.join(chapter.format(*c) for c in chapters)}</chapters>")
    records = read(tiny.finish())
    assert sorted(texts(records)) == ["book:7:chapter:1", "book:7:chapter:4"], "3 stands below a hidden one"
    hidden = records.tables["book_chapters"].filter("is_hidden")["chapter_id"].to_list()
    assert sorted(hidden) == [2, 3, 5]


def test_unapproved_entries_are_known_but_not_to_be_read(tiny: Tiny) -> None:
    entry = "<entry id='{0}'><concept>T{0}</concept><definition>D{0}</definition><approved>{1}</approved></entry>"
    tiny.add("glossary", 7, f"<name>G</name><entries>{entry.format(1, 1)}{entry.format(2, 0)}</entries>")
    records = read(tiny.finish())
    assert list(texts(records)) == ["glossary:7:entry:1"]
    assert dict(records.tables["glossary_entries"].select("entry_id", "is_approved").iter_rows()) == {1: True, 2: False}


def forum(kind: str = "general", discussion: str = "", group: int = -1) -> str:
    post = "<post id='{0}'><parent>{1}</parent><message>said {0}</message><created>{0}</created>{2}</post>"
    posts = [
        post.format(1, 0, ""),
        post.format(2, 1, "<privatereplyto>2</privatereplyto>"),
        post.format(3, 1, ""),
        post.format(4, 1, "<deleted>1</deleted>"),
    ]
    return (
        f"<name>F</name><type>{kind}</type><discussions><discussion id='6'><name>D</name><groupid>{group}</groupid>"
        f"{discussion}<posts>{''.join(posts)}</posts></discussion></discussions>"
    )


def test_private_and_deleted_posts_are_known_but_not_to_be_read(tiny: Tiny) -> None:
    tiny.add("forum", 7, forum())
    records = read(tiny.finish())
    assert texts(records) == {"forum:7:discussion:6": "<article>said 1</article><article>said 3</article>"}
    posts = records.tables["forum_posts"]
    assert posts["private_reply_to"].to_list() == [None, 2, None, None]
    assert posts["is_deleted"].to_list() == [False, False, False, True]


def test_answers_in_a_question_and_answer_forum_wait_for_ones_own(tiny: Tiny) -> None:
    tiny.add("forum", 7, forum("qanda"))
    assert texts(read(tiny.finish())) == {"forum:7:discussion:6": "<article>said 1</article>"}


@pytest.mark.parametrize("period", ["<timeend>1800000000</timeend>", "<timestart>1800000000</timestart>"])
def test_discussions_shown_for_a_time_are_left_out(tiny: Tiny, period: str) -> None:
    tiny.add("forum", 7, forum(discussion=period))
    records = read(tiny.finish())
    assert texts(records) == {}
    assert len(records.tables["forum_discussions"]) == 1


@pytest.mark.parametrize(
    ("group", "module_mode", "course_mode", "forced", "belongs_to"),
    [
        (4, 1, 0, 0, 4),
        (4, 2, 0, 0, None),
        (4, 0, 0, 0, None),
        (4, 0, 1, 1, 4),
        (4, 1, 2, 1, None),
        (-1, 1, 0, 0, None),
    ],
)
def test_a_discussion_belongs_to_a_group_where_groups_are_separate(
    tiny: Tiny, group: int, module_mode: int, course_mode: int, forced: int, belongs_to: int | None
) -> None:
    tiny.write(
        "course/course.xml",
        f"<course id='9'><fullname>T</fullname><groupmode>{course_mode}</groupmode>"
        f"<groupmodeforce>{forced}</groupmodeforce></course>",
    )
    tiny.add("forum", 7, forum(group=group), settings=f"<groupmode>{module_mode}</groupmode>")
    assert read(tiny.finish()).tables["materials"]["group_id"].to_list() == [belongs_to]


@pytest.mark.parametrize(
    ("modname", "body", "settings", "shown"),
    [
        ("page", 'a:1:{s:10:"printintro";s:1:"1";}', "", True),
        ("page", 'a:1:{s:10:"printintro";i:0;}', "", False),
        ("page", 'a:1:{s:10:"printintro";i:0;}', "<showdescription>1</showdescription>", True),
        ("resource", "", "", False),
        ("quiz", "", "", True),
        ("qbank", "", "", False),
    ],
)
def test_an_intro_is_read_where_moodle_shows_it(
    tiny: Tiny, modname: str, body: str, settings: str, shown: bool
) -> None:
    tiny.add(modname, 7, f"<intro>Read me</intro><displayoptions>{body}</displayoptions>", settings)
    assert (f"{modname}:7:intro" in material_keys(tiny.finish())) is shown


@pytest.mark.parametrize(
    ("always", "opens", "shown"), [(0, 1800000000, False), (1, 1800000000, True), (0, 1600000000, True)]
)
def test_an_assignment_that_keeps_its_text_back_keeps_it_back(tiny: Tiny, always: int, opens: int, shown: bool) -> None:
    tiny.add(
        "assign",
        7,
        f"<intro>Essay</intro><alwaysshowdescription>{always}</alwaysshowdescription>"
        f"<allowsubmissionsfromdate>{opens}</allowsubmissionsfromdate>",
    )
    assert (material_keys(tiny.finish()) == ["assign:7:intro"]) is shown


@pytest.mark.parametrize("broken", ["{", "[1]", "7", '{"op":"&","c":[{"v":NaN}]}', "[" * 100_000])
def test_a_condition_that_cannot_be_read_hides(tiny: Tiny, broken: str) -> None:
    tiny.add("page", 7, "<content>x</content>", f"<availability>{escape(broken)}</availability>")
    assert json.loads(read(tiny.finish()).tables["modules"]["availability"][0]) == UNREADABLE


def test_the_question_bank_and_slots_of_moodle_3(tiny: Tiny) -> None:
    slot = (
        "<question_instance id='1'><slot>1</slot><questionid>{}</questionid><maxmark>2.0</maxmark></question_instance>"
    )
    tiny.add("quiz", 7, f"<name>Q</name><question_instances>{slot.format(11)}</question_instances>")
    tiny.write(
        "questions.xml",
        "<question_categories><question_category id='3'><name>Old</name><contextid>5</contextid><questions>"
        "<question id='11'><name>N</name><questiontext>2 + 2?</questiontext><qtype>shortanswer</qtype>"
        "<hidden>1</hidden><plugin_qtype_shortanswer_question><answers><answer id='1'><answertext>4</answertext>"
        "<fraction>1</fraction></answer></answers><shortanswer id='1'><usecase>0</usecase></shortanswer>"
        "</plugin_qtype_shortanswer_question></question></questions></question_category></question_categories>",
    )
    records = read(tiny.finish())
    question = records.tables["questions"].row(0, named=True)
    assert (question["category"], question["entry_id"], question["version"], question["status"]) == (
        "Old",
        None,
        1,
        "hidden",
    )
    assert json.loads(question["settings"]) == {"shortanswer": {"usecase": "0"}}
    assert records.tables["question_answers"]["text"].to_list() == ["4"]
    assert records.tables["quiz_slots"].row(0, named=True)["question_id"] == 11


def test_without_users_a_backup_is_silent_about_them(tmp_path: Path) -> None:
    tiny = Tiny(tmp_path, users=False)
    tiny.add("page", 7, "<content>x</content>")
    tiny.add("quiz", 8, "<name>Q</name>")
    records = read(tiny.finish())
    assert records.silence == Silence(people=True, work=(7, 8))
    assert records.tables["users"].is_empty()
    assert len(records.tables["modules"]) == 2


def test_what_a_choice_left_out_is_not_said_to_be_gone(tmp_path: Path) -> None:
    folder = opened(PHA203, tmp_path)
    header = (folder / "moodle_backup.xml").read_text()
    for name in ("groups", "userscompletion"):
        header, changed = re.subn(rf"(<name>{name}</name>\s*<value>)1", r"\g<1>0", header)
        assert changed == 1
    (folder / "moodle_backup.xml").write_text(header)
    told = read(folder).silence.tables
    assert told == ("groups", "group_members", "groupings", "grouping_groups", "completions", "course_completions")


def test_modules_left_out_of_a_backup_are_known_from_their_section(tiny: Tiny) -> None:
    tiny.add("page", 7, "<content>x</content>")
    tiny.finish()
    edit(tiny.folder, "sections/section_5/section.xml", "<sequence>7<", "<sequence>6,7,8<")
    records = read(tiny.folder)
    assert records.silence.modules == (6, 8)
    assert records.tables["modules"]["position"].to_list() == [2]


def test_a_person_nobody_knows_is_refused_with_all_that_hangs_on_them(tmp_path: Path) -> None:
    folder = opened(PHA203, tmp_path / "a")
    whole = read(folder)
    attempt = whole.tables["quiz_attempts"].row(0, named=True)
    edit(folder, "users.xml", f'<user id="{attempt["user_id"]}" ', '<user id="999999" ')
    records = read(folder)
    mine = pl.col("user_id") == attempt["user_id"]
    for table in ("enrolments", "group_members", "quiz_attempts", "grades", "completions"):
        assert len(records.refused[table]) == whole.tables[table].filter(mine).height > 0
        assert set(records.refused[table]["reason"]) == {"dangling"}
    lost = whole.tables["quiz_attempts"].filter(mine)["attempt_id"].to_list()
    steps = whole.tables["question_attempts"].filter(pl.col("attempt_id").is_in(lost))
    assert len(records.refused["question_attempts"]) == len(steps)
    for table, frame in whole.tables.items():
        assert len(frame) == len(records.tables[table]) + len(records.refused.get(table, ()))


def test_a_row_that_does_not_fit_is_refused_alone(tmp_path: Path) -> None:
    folder = opened(PHA203, tmp_path / "a")
    edit(folder, "activities/quiz_79/quiz.xml", "<attemptnum>1<", "<attemptnum>first<", 1)
    edit(folder, "activities/quiz_79/grades.xml", "<finalgrade>", "<finalgrade>about ", 1)
    edit(folder, "activities/choice_83/choice.xml", '<answer id="', '<answer id="x', 1)
    records = read(folder)
    assert reasons(records)["quiz_attempts"] == ["invalid"]
    assert records.refused["quiz_attempts"]["detail"][0].startswith("attempt_number: ")
    assert json.loads(records.refused["quiz_attempts"]["row"][0])["attempt_number"] == "first"
    assert set(reasons(records)["question_attempts"]) == {"dangling"}
    assert reasons(records)["grades"] == ["invalid"]
    assert reasons(records)["choice_answers"] == ["invalid"]
    assert len(records.tables["quiz_attempts"]) == 69


def test_a_key_twice_is_refused_once(tmp_path: Path) -> None:
    folder = opened(PHA203, tmp_path / "a")
    first = read(folder).tables["groups"]["group_id"][0]
    edit(folder, "groups.xml", "<groups>", f'<groups><group id="{first}"><name>Again</name></group>', 1)
    records = read(folder)
    assert reasons(records)["groups"] == ["duplicate"]
    assert records.tables["groups"].filter(pl.col("group_id") == first)["name"].to_list() == ["Again"]


def test_files_without_their_bytes_are_refused_by_name(tmp_path: Path) -> None:
    folder = opened(PHA203, tmp_path / "a")
    whole = read(folder)
    files = whole.tables["materials"].filter(pl.col("filename").is_not_null())
    stored = sorted(content for content in whole.contents.values() if isinstance(content, Path))
    stored[0].write_bytes(b"something else")
    stored[1].unlink()
    records = read(folder)
    refused = records.refused["materials"]
    assert set(refused["reason"]) == {"damaged_bytes"}
    assert any("SHA-1 differs" in detail for detail in refused["detail"])
    assert any("not in the backup" in detail for detail in refused["detail"])
    left = records.tables["materials"].filter(pl.col("filename").is_not_null())
    assert len(left) + len(refused) == len(files)


def test_a_file_kept_in_a_repository_is_no_fault_of_the_backup(tmp_path: Path) -> None:
    folder = opened(PHA203, tmp_path / "a")
    stored = sorted(path for path in (folder / "files").rglob("*") if path.is_file())
    text = (folder / "files.xml").read_text()
    at = text.index(stored[0].name)
    stored[0].unlink()
    end = text.index("<repositorytype>$@NULL@$", at)
    (folder / "files.xml").write_text(
        text[:end] + text[end:].replace("<repositorytype>$@NULL@$", "<repositorytype>nextcloud", 1)
    )
    assert "bytes_elsewhere" in reasons(read(folder))["materials"]


@pytest.mark.parametrize(
    "name",
    [
        "course/course.xml",
        "sections/section_16/section.xml",
        "activities/quiz_79/quiz.xml",
        "activities/page_63/module.xml",
        "users.xml",
    ],
)
def test_a_missing_part_is_named(tmp_path: Path, name: str) -> None:
    folder = opened(PHA203, tmp_path / "a")
    (folder / name).unlink()
    with pytest.raises(DamagedBackupError, match=name.replace(".", r"\.")):
        read(folder)


@pytest.mark.parametrize(
    "name",
    ["groups.xml", "completion.xml", "questions.xml", "gradebook.xml", "files.xml", "roles.xml", "course/roles.xml"],
)
def test_parts_that_other_choices_leave_out_may_be_missing(tmp_path: Path, name: str) -> None:
    folder = opened(PHA203, tmp_path / "a")
    (folder / name).unlink()
    assert len(read(folder).tables["modules"]) == 26


def test_a_part_cut_short_is_named(tmp_path: Path) -> None:
    folder = opened(PHA203, tmp_path / "a")
    path = folder / "activities/quiz_79/quiz.xml"
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(DamagedBackupError, match=r"quiz_79/quiz\.xml is not well-formed"):
        read(folder)
