"""What several files say together: rows a report leaves open are found again among those of a store."""

import csv
import gzip

import pytest
from logs_help import read, report_row, store_row, write_report, write_store

from studium.moodle.keys import CourseKey
from studium.moodle.logs.format import REPORT_COLUMNS

SESSION = {
    "Component": "Attendance",
    "Event_name": "Session taken",
    "Description": "The user with id '3' took the session with course module id '12'.",
}
FALL = 1792890000
"""01:00 UTC on 25 October 2026: London's clock falls from 02:00 to 01:00."""


@pytest.fixture(params=["report first", "store first"])
def together(request, tmp_path):
    def both(report, store, **told):
        files = [write_report(tmp_path / "log.csv", report), write_store(tmp_path / "dump.csv", store)]
        return read(*(files if request.param == "report first" else files[::-1]), **told)

    return both


def test_a_wrong_guess_of_the_repeated_hour_is_mended(together):
    """Alone the row lies nearer to what comes after it, so that the guess puts it into the second half."""
    wall = [report_row(f"25/10/26, {time}") for time in ("02:01:00", "01:30:00", "00:05:00")]
    store = [store_row(FALL + seconds) for seconds in (-55 * 60 - 3600, -1800, 3660)]
    told = together(wall, store)
    assert [row["occurred_at"].timestamp() for row in told.rows] == [FALL - 6900, FALL - 1800, FALL + 3660]
    assert max(one.guessed_times for one in told.imports) == 1
    assert [one.repeated for one in told.imports] == [0, 3]


def test_a_report_without_seconds_adds_nothing(together):
    report = [report_row("18/09/26, 11:30"), report_row("18/09/26, 11:30"), report_row("17/09/26, 11:30")]
    store = [store_row(1789727400 + 5), store_row(1789727400 + 50)]
    told = together(report, store)
    assert len(told.rows) == 3
    assert sorted(one.accepted - one.repeated for one in told.imports) in ([0, 3], [1, 2])


def test_a_person_told_by_no_row_is_found(together):
    silent = report_row(
        "18/09/26, 11:30:00",
        User_full_name="Grace Hopper",
        Component="Recycle bin",
        Event_name="Item deleted",
        Description="Item with ID 1 deleted.",
        Event_context="Course: One",
    )
    event = {"eventname": "\\tool_recyclebin\\event\\course_bin_item_deleted", "contextlevel": 50, "userid": 9}
    told = together([silent], [store_row(1789727400, **event)])
    assert told.column("user_id") == [9]


def test_an_event_unknown_to_the_catalogue_is_found(together):
    report = [report_row("18/09/26, 11:30:00", **SESSION)]
    store = [store_row(1789727400, eventname="\\mod_attendance\\event\\session_taken")]
    told = together(report, store)
    assert told.column("event_name") == ["\\mod_attendance\\event\\session_taken"]
    assert [one.unknown_events for one in told.imports] == [1, 1]


def test_what_agrees_with_nothing_stays(together):
    report = [report_row("18/09/26, 11:30:00", **SESSION)]
    told = together(report, [store_row(1789727400, userid=4)])
    assert len(told.rows) == 2


def test_reports_that_overlap_count_once(tmp_path):
    times = [f"18/09/26, 11:30:{second:02}" for second in range(9, -1, -1)]
    early = write_report(tmp_path / "early.csv", [report_row(time) for time in times[4:]])
    late = write_report(tmp_path / "late.csv", [report_row(time) for time in times[:7]])
    told = read(early, late)
    assert len(told.rows) == 10
    assert [one.repeated for one in told.imports] == [0, 3]
    assert read(late, early).keys == told.keys


def test_no_file_is_no_event():
    told = read()
    assert (told.imports, told.rows) == ([], [])


def rewritten(path, course_log, change, header=REPORT_COLUMNS):
    """A real report, every row of it changed."""
    with gzip.open(course_log, "rt", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return write_report(path, [change(row) for row in rows], header)


@pytest.mark.parametrize(
    ("change", "header"),
    [
        pytest.param(lambda row: [row[0][:-3], *row[1:]], REPORT_COLUMNS, id="without seconds"),
        pytest.param(
            lambda row: [*row[:4], f"K {row[4]}", f"E {row[5]}", *row[6:]], list("abcdefghi"), id="translated"
        ),
        pytest.param(
            lambda row: [row[0], "-" if row[1] == "-" else "A Student", *row[2:]], REPORT_COLUMNS, id="one name for all"
        ),
    ],
)
def test_a_real_report_made_poorer_still_adds_nothing(tmp_path, data, change, header):
    course = CourseKey("moodle-example-org", 4)
    store = data / "moodle/mdl_logstore_standard_log.parquet"
    poor = rewritten(tmp_path / "poor.csv", data / "moodle/report_log_course4.csv.gz", change, header)
    together = read(poor, store, course=course)
    assert together.keys == read(store, course=course).keys
    assert [one.repeated for one in together.imports] == [0, 8919]
