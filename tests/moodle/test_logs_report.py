from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from logs_help import read, report_row, write_report

from studium.moodle.keys import CourseKey
from studium.moodle.logs.format import LogError

PHA203 = CourseKey("moodle-example-org", 4)


@pytest.fixture(scope="module")
def pha203(data):
    return data / "moodle/report_log_course4.csv.gz"


@pytest.fixture(scope="module")
def store(data):
    return data / "moodle/mdl_logstore_standard_log.parquet"


def test_the_report_of_a_course_is_its_part_of_the_store(pha203, store):
    """A teacher's report: the same rows as the store's, up to the moment of the download, and nothing hidden."""
    told, kept = read(pha203, course=PHA203), read(store, course=PHA203)
    assert (len(told.rows), len(kept.rows)) == (8919, 8921)
    assert set(told.keys) < set(kept.keys)
    known = set(told.keys)
    later = [row["event_name"] for row in kept.rows if str(row["event_key"]) not in known]
    assert later == ["\\report_log\\event\\report_viewed", "\\core\\event\\course_backup_created"]
    assert all(at > told.rows[-1]["occurred_at"] for at in kept.column("occurred_at")[-2:])
    assert told.imports[0].unknown_events == told.imports[0].unknown_users == told.imports[0].refused == 0


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_both_files_of_a_course_add_up_to_one(pha203, store, order):
    files = (pha203, store)
    both = read(*(files[place] for place in order), course=PHA203)
    assert both.keys == read(store, course=PHA203).keys
    assert [one.repeated for one in both.imports] == [0, 8919]


def test_another_zone_reads_other_moments(pha203, store):
    told = read(pha203, course=PHA203, zone=ZoneInfo("UTC"))
    assert len(set(told.keys) & set(read(store, course=PHA203).keys)) < len(told.rows)


def test_exact_repeats_are_counted_each(tmp_path):
    path = write_report(tmp_path / "log.csv", [report_row("18/09/26, 10:30:00")] * 3)
    assert len(set(read(path).keys)) == 3
    assert set(read(path).keys) < set(
        read(write_report(tmp_path / "more.csv", [report_row("18/09/26, 10:30:00")] * 4)).keys
    )


@pytest.mark.parametrize(
    ("written", "rest"),
    [
        ("18/09/26, 10:30:05", "8/09/26, 9:05:07"),
        ("9/18/26, 10:30:05", "9/08/26, 09:05:07"),
        ("18.09.26, 10:30:05", "8.09.26, 09:05:07"),
        ("2026-09-18 10:30:05", "2026-09-08 09:05:07"),
        ("18 September 2026, 10:30:05 AM", "8 September 2026, 9:05:07 AM"),
        ("Friday, 18 September 2026, 10:30:05", "Tuesday, 8 September 2026, 09:05:07"),
        ("18/09/2026, 10:30:05", "8/09/2026, 09:05:07"),
        ("18. 09. 2026, 10:30:05", "8. 09. 2026, 09:05:07"),
        ("2026. 09. 18. 10:30:05", "2026. 09. 8. 09:05:07"),
        ("2026年 09月 18日 10:30:05", "2026年 09月 8日 09:05:07"),
        ("26年 09月 18日 10:30:05", "26年 09月 8日 09:05:07"),
        ("18.09.2026 10.30.05", "8.09.2026 09.05.07"),
        ("Fri, 18 Sep 2026, 10:30:05", "Tue, 8 Sep 2026, 09:05:07"),
        ("2026-09-18T10:30:05", "2026-09-08T09:05:07"),
    ],
)
def test_formats_of_other_languages_are_found(tmp_path, written, rest):
    told = read(write_report(tmp_path / "log.csv", [report_row(written), report_row(rest)]))
    assert told.column("occurred_at") == [
        datetime(2026, 9, 8, 8, 5, 7, tzinfo=UTC),
        datetime(2026, 9, 18, 9, 30, 5, tzinfo=UTC),
    ]


def test_the_order_of_rows_tells_day_from_month(tmp_path):
    """Days first they run back from September to June, newest first as reports do; months first they would run on."""
    times = ["5/06/26, 10:00:00", "4/07/26, 10:00:00", "3/08/26, 10:00:00", "2/09/26, 10:00:00"]
    told = read(write_report(tmp_path / "log.csv", [report_row(time) for time in times[::-1]]))
    assert [at.month for at in told.column("occurred_at")] == [6, 7, 8, 9]


@pytest.mark.parametrize("time", ["3/04/26, 10:00:00", "04/3/26, 10:00:00"])
def test_a_log_of_a_few_days_tells_day_from_month_by_the_zero(tmp_path, time):
    """Moodle writes no zero before a day and one before a month, in every language."""
    told = read(write_report(tmp_path / "log.csv", [report_row(time), report_row(time.replace("10:", "09:"))]))
    assert [(at.day, at.month) for at in told.column("occurred_at")] == [(3, 4), (3, 4)]


def test_a_name_may_be_downloaded_escaped(tmp_path):
    row = report_row(
        "18/09/26, 10:30:00",
        Event_context="Page: Questions &amp; answers",
        Component="System",
        Event_name="User graded",
        Description="The user with id '2' updated the grade with id '5' for the user with id '3'.",
    )
    path = write_report(tmp_path / "log.csv", [row, [c.replace("&amp;", "&") for c in row]])
    assert read(path, modules=[("page", "Questions & answers", 55)]).column("cmid") == [55, 55]


def test_dates_that_could_be_either_are_refused(tmp_path):
    path = write_report(tmp_path / "log.csv", [report_row("11/10/26, 10:00:00"), report_row("10/09/26, 10:00:00")])
    with pytest.raises(LogError, match="day/month or month/day"):
        read(path)


def test_times_that_are_none_are_refused_as_a_whole(tmp_path):
    path = write_report(tmp_path / "log.csv", [report_row("yesterday"), report_row("today")])
    with pytest.raises(LogError, match="'yesterday'"):
        read(path)


def test_rows_that_cannot_be_read_are_kept_with_the_reason(tmp_path):
    rows = [report_row("18/09/26, 10:30:00"), report_row("soon"), report_row("17/09/26, 10:30:00", Event_name="")]
    rows += [report_row("29/03/26, 01:30:00"), ["18/03/26, 10:30:00", "too", "short"]]
    path = write_report(tmp_path / "log.csv", [*rows, report_row("16/03/26, 10:30:00")])
    with path.open("ab") as file:
        file.write(b'"15/03/26, 10:30:00",\xff\xfe,-,,,,,web,\n')
    told = read(path)
    assert len(told.rows) == 2
    assert sorted((line, reason) for line, reason, _ in told.refused[0]) == [
        (2, "time is not one"),
        (3, "component or event name is missing"),
        (4, "this hour did not exist in Europe/London"),
        (6, "missing columns"),
        (8, "invalid encoding"),
    ]
    assert told.imports[0].rows_read == told.imports[0].accepted + told.imports[0].refused == 7


def test_both_halves_of_the_repeated_hour_are_told_by_the_order(tmp_path):
    times = ["02:10:00", "01:50:00", "01:20:00", "01:40:00", "01:10:00", "00:50:00"]
    path = write_report(tmp_path / "log.csv", [report_row(f"25/10/26, {time}") for time in times])
    told = read(path)
    assert [at.strftime("%H:%M") for at in told.column("occurred_at")] == [
        "23:50", "00:10", "00:40", "01:20", "01:50", "02:10",
    ]  # fmt: skip
    assert told.imports[0].guessed_times == 0


def test_names_are_told_by_rows_that_give_ids(tmp_path):
    silent = {"Description": "Item with ID 1 deleted.", "Component": "Recycle bin", "Event_name": "Item deleted"}
    rows = [
        report_row("18/09/26, 10:30:03", Event_context="Course: One", **silent),
        report_row("18/09/26, 10:30:02", Event_context="Course: One", User_full_name="Grace Hopper", **silent),
        report_row("18/09/26, 10:30:01", Event_context="Course: One", User_full_name="Nobody Known", **silent),
        report_row("18/09/26, 10:30:00"),
    ]
    told = read(write_report(tmp_path / "log.csv", rows), people=[("Grace Hopper", 9)])
    assert told.column("user_id") == [3, 0, 9, 3]
    assert told.column("cmid") == [12, 0, 0, 0]
    assert told.imports[0].unknown_users == 1


def test_people_of_one_name_are_kept_apart_by_the_description(tmp_path):
    viewed = "The user with id '{}' viewed the 'page' activity with course module id '12'."
    rows = [report_row(f"18/09/26, 10:30:0{user}", Description=viewed.format(user)) for user in (5, 4)]
    assert read(write_report(tmp_path / "log.csv", rows)).column("user_id") == [4, 5]


def test_a_description_may_speak_of_another_than_who_acts(tmp_path):
    rows = [
        report_row("18/09/26, 10:30:01"),
        report_row(
            "18/09/26, 10:30:00",
            Affected_user="Alan Turing",
            Event_context="Course: One",
            Component="System",
            Event_name="Course completed",
            Description="The user with id '8' completed the course with id '2'.",
        ),
    ]
    told = read(write_report(tmp_path / "log.csv", rows)).rows[0]
    assert (told["user_id"], told["related_user_id"], told["event_name"]) == (3, 8, "\\core\\event\\course_completed")


def test_somebody_signed_in_as_another_is_both(tmp_path):
    admin = "The user with id '2' viewed the 'page' activity with course module id '12'."
    rows = [
        report_row("18/09/26, 10:30:02", User_full_name="Site Admin as Ada Lovelace"),
        report_row("18/09/26, 10:30:01", User_full_name="Site Admin", Description=admin),
        report_row("18/09/26, 10:30:00"),
    ]
    told = read(write_report(tmp_path / "log.csv", rows)).rows[2]
    assert (told["user_id"], told["real_user_id"]) == (3, 2)


def test_events_the_catalogue_lacks_fall_back_the_same_way_each_time(tmp_path):
    rows = [
        report_row(
            "18/09/26, 10:30:02",
            Component="Attendance",
            Event_name="Session taken",
            Description="The user with id '3' took the session with course module id '12'.",
        ),
        report_row(
            "18/09/26, 10:30:01",
            Component="Attendance",
            Description="The user with id '3' viewed the 'attendance' activity with course module id '12'.",
        ),
    ]
    told = read(write_report(tmp_path / "log.csv", rows))
    assert told.column("event_name") == ["\\mod_attendance\\event\\course_module_viewed", "?Attendance/Session taken"]
    assert told.column("component") == ["mod_attendance", "Attendance"]
    assert told.imports[0].unknown_events == 2


def test_a_context_names_its_module_when_the_description_does_not(tmp_path):
    rows = [
        report_row("18/09/26, 10:30:02", Description="The user with id '3' did a thing."),
        report_row("18/09/26, 10:30:01", Description="The user with id '3' did.", Event_context="Quiz: First"),
        report_row("18/09/26, 10:30:00"),
    ]
    told = read(write_report(tmp_path / "log.csv", rows), modules=[("quiz", "First", 33)])
    assert told.column("cmid") == [12, 33, 12]


def test_a_report_of_no_rows_gives_none(tmp_path):
    told = read(write_report(tmp_path / "log.csv", []))
    assert (told.rows, told.imports[0].rows_read, told.imports[0].from_at) == ([], 0, None)


def test_months_of_events_are_counted_by_moment_not_by_wall(pha203):
    months = Counter(at.strftime("%Y-%m") for at in read(pha203, course=PHA203).column("occurred_at"))
    assert sum(months.values()) == 8919
