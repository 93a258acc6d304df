"""What a backup says of itself, and what it may not say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from backup_help import CVS201, Tiny, edit, opened

from studium.moodle.backup.header import Activity, read_header
from studium.moodle.errors import DamagedBackupError, NotABackupError, UnsafeBackupError, UnsupportedBackupError


def test_the_header_of_a_real_backup(tmp_path: Path) -> None:
    header = read_header(opened(CVS201, tmp_path / "a"))
    assert header.wwwroot == "http://127.0.0.1:8088"
    assert header.identifier_hash == "d2c34cbb22dd3bbb04da20d888ee3d83"
    assert header.course_id == 2
    assert header.context_id == 57
    assert header.backup_at == datetime(2026, 11, 22, 1, 35, 54, tzinfo=UTC)
    assert header.tells_people
    assert len(header.activities) == 29
    assert header.activities[0] == Activity(1, 1, "forum", "Announcements", "activities/forum_1", True)
    assert header.sections[0] == "sections/section_1"


def test_work_left_out_of_one_activity_is_known(tmp_path: Path) -> None:
    tiny = Tiny(tmp_path)
    tiny.add("quiz", 7, "")
    tiny.add("forum", 8, "")
    setting = "<setting><level>activity</level><name>{}_userinfo</name><value>{}</value></setting>"
    header = read_header(tiny.finish(setting.format("quiz_7", 0) + setting.format("forum_8", 1)))
    assert [activity.tells_people for activity in header.activities] == [False, True]


def test_without_users_no_activity_tells_of_people(tmp_path: Path) -> None:
    tiny = Tiny(tmp_path, users=False)
    tiny.add("quiz", 7, "")
    header = read_header(tiny.finish())
    assert not header.tells_people
    assert [activity.tells_people for activity in header.activities] == [False]


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("<type>activity</type><format>moodle2</format>", "a single activity"),
        ("<type>section</type><format>moodle2</format>", "a single section"),
        ("<type>course</type><format>imscc11</format>", "imscc11"),
    ],
)
def test_other_kinds_of_backup_are_named(tmp_path: Path, detail: str, said: str) -> None:
    folder = Tiny(tmp_path).finish(information=f"<details><detail>{detail}</detail></details>")
    with pytest.raises(UnsupportedBackupError, match=said):
        read_header(folder)


def test_a_backup_of_moodle_1_is_named(tmp_path: Path) -> None:
    (tmp_path / "moodle.xml").write_text("<MOODLE_BACKUP/>")
    with pytest.raises(UnsupportedBackupError, match=r"1\.9"):
        read_header(tmp_path)


@pytest.mark.parametrize("content", [None, "<moodle_backup/>"])
def test_an_archive_of_something_else(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "moodle_backup.xml").write_text(content)
    with pytest.raises(NotABackupError, match=r"moodle_backup\.xml"):
        read_header(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://moodle.example.test", "javascript:alert(1)", "names no site"),
        ("https://moodle.example.test", "", "names no site"),
        ("https://moodle.example.test", 'https://x/"onload="', "names no site"),
        ("https://moodle.example.test", "http://[broken", "names no site"),
        ("<original_course_id>9", "<original_course_id>nine", "original_course_id"),
        ("<original_course_id>9", "<original_course_id>0", "original_course_id"),
        ("<original_course_id>9", "<original_course_id>99999999999999999999", "original_course_id"),
        ("<backup_date>1700000000", "<backup_date>999999999999999999", "when the backup was made"),
        ("<modulename>page", "<modulename>../page", "an activity of the kind"),
    ],
)
def test_headers_that_say_nonsense(tmp_path: Path, old: str, new: str, said: str) -> None:
    tiny = Tiny(tmp_path)
    tiny.add("page", 7, "")
    edit(tiny.finish(), "moodle_backup.xml", old, new)
    with pytest.raises(DamagedBackupError, match=said):
        read_header(tmp_path)


@pytest.mark.parametrize("directory", ["../../etc", "/etc", "activities/../../x", "files/ab"])
def test_readers_are_not_sent_out_of_the_folder(tmp_path: Path, directory: str) -> None:
    tiny = Tiny(tmp_path)
    tiny.add("page", 7, "")
    edit(tiny.finish(), "moodle_backup.xml", "activities/page_7", directory)
    with pytest.raises(UnsafeBackupError, match="sends readers to"):
        read_header(tmp_path)
