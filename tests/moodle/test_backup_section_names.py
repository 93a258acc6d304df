"""Names of sections nobody named, against what a recorded Moodle 4.5 showed (`core_course_get_contents`)."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from backup_help import PHA203, edit, opened, read

from studium.moodle.backup.section_names import shown_name

SHOWN = [
    "General",
    "21 September - 27 September",
    "28 September - 4 October",
    "5 October - 11 October",
    "12 October - 18 October",
    "Assessment",
    "Further reading (not yet released)",
]


def test_a_course_in_weeks(tmp_path: Path) -> None:
    sections = read(opened(PHA203, tmp_path)).tables["sections"].sort("number")
    assert sections["name"].to_list() == SHOWN


@pytest.mark.parametrize(("name", "first"), [("topics", "New section"), ("someplugin", "Section 1"), ("", "Section 1")])
def test_other_formats(tmp_path: Path, name: str, first: str) -> None:
    folder = opened(PHA203, tmp_path)
    edit(folder, "course/course.xml", "<format>weeks</format>", f"<format>{name}</format>")
    sections = read(folder).tables["sections"].sort("number")
    assert sections["name"].to_list()[:2] == ["General", first]
    assert sections["name"].to_list()[5:] == SHOWN[5:]


@pytest.mark.parametrize(
    "zone", ["Europe/London", "Pacific/Honolulu", "Asia/Tokyo", "America/New_York", "Asia/Kolkata"]
)
@pytest.mark.parametrize("month", [1, 7])
def test_midnight_is_of_one_date_whatever_the_zone(zone: str, month: int) -> None:
    start = int(datetime(2027, month, 4, tzinfo=ZoneInfo(zone)).timestamp())
    of = "January" if month == 1 else "July"
    assert shown_name("weeks", start, 1) == f"4 {of} - 10 {of}"


@pytest.mark.parametrize("month", [1, 7])
def test_where_the_day_begins_first(month: int) -> None:
    start = int(datetime(2027, month, 4, tzinfo=ZoneInfo("Pacific/Auckland")).timestamp())
    assert shown_name("weeks", start, 1).startswith("4 ")


def test_a_week_in_which_the_clocks_change_has_seven_days() -> None:
    start = int(datetime(2026, 3, 16, tzinfo=ZoneInfo("Europe/London")).timestamp())
    assert [shown_name("weeks", start, n) for n in (2, 3)] == ["23 March - 29 March", "30 March - 5 April"]


@pytest.mark.parametrize("start", [0, -1, 10**14, 253402300799])
def test_a_start_that_is_none_leaves_the_number(start: int) -> None:
    assert shown_name("weeks", start, 3) == "Section 3"
