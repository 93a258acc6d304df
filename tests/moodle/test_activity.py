"""The rules of a roll-up, on events written by hand: time in minutes from noon of a day in London."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studium.moodle.activity import TABLES, Course, roll_up
from studium.moodle.logs.engine import open_engine

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def event(minute, user=3, cmid=0, origin="web", real_user=0, name="\\core\\event\\course_viewed"):
    return {
        "occurred_at": NOON + timedelta(minutes=minute),
        "user_id": user,
        "real_user_id": real_user,
        "cmid": cmid,
        "event_name": name,
        "origin": origin,
    }


def rolled(folder: Path, events, zone=LONDON):
    frame = pl.DataFrame(events).with_columns(
        event_key=pl.Series([str(UUID(int=place)) for place in range(len(events))])
    )
    frame.write_parquet(folder / "events.parquet")
    with open_engine(folder) as engine:
        counts = roll_up(engine, [folder / "events.parquet"], Course("site", 2, zone))
        tables = {}
        for name in TABLES:
            found = engine.execute(f"select * from {name} order by all")
            columns = [column[0] for column in found.description or []]
            tables[name] = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        assert counts == {name: len(rows) for name, rows in tables.items()}
    return tables


def daily(tables, *columns):
    return [tuple(row[column] for column in columns) for row in tables["activity_daily"]]


def test_half_an_hour_is_one_session_and_a_second_more_is_two(tmp_path):
    tables = rolled(tmp_path, [event(0), event(30), event(60 + 1 / 60)])
    assert daily(tables, "events", "sessions", "active_seconds") == [(3, 2, 1800)]
    assert [(row["events"], row["active_seconds"]) for row in tables["activity_sessions"]] == [(2, 1800), (1, 0)]


def test_time_goes_to_the_module_that_opens_the_gap_and_the_session_to_the_first(tmp_path):
    tables = rolled(tmp_path, [event(0), event(5, cmid=7), event(15, cmid=9)])
    assert daily(tables, "cmid", "sessions", "active_seconds") == [(0, 1, 300), (7, 0, 600), (9, 0, 0)]
    assert tables["activity_sessions"][0]["modules"] == 2


def test_web_and_app_are_one_presence_and_each_keeps_its_row(tmp_path):
    tables = rolled(tmp_path, [event(0, origin="ws"), event(10), event(20, origin="ws")])
    assert daily(tables, "origin", "events", "sessions", "active_seconds") == [("web", 1, 0, 600), ("ws", 2, 1, 600)]
    assert [(row["origin"], row["events"]) for row in tables["activity_sessions"]] == [("ws", 3)]


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        ({"origin": "cli"}, "cli"),
        ({"origin": "restore"}, "restore"),
        ({"origin": ""}, "other"),
        ({"user": 0}, "web"),
    ],
)
def test_what_nobody_did_is_counted_without_sessions(tmp_path, told, origin):
    tables = rolled(tmp_path, [event(0, **told), event(1, **told)])
    assert daily(tables, "origin", "events", "sessions", "active_seconds") == [(origin, 2, 0, 0)]
    assert tables["activity_sessions"] == []


def test_who_signs_in_as_another_does_not_lend_them_presence(tmp_path):
    tables = rolled(tmp_path, [event(0), event(5, real_user=2), event(10)])
    assert daily(tables, "origin", "events", "sessions", "active_seconds") == [("as", 1, 1, 0), ("web", 2, 1, 600)]


def test_days_are_those_of_the_site(tmp_path):
    events = [event(11 * 60 + 50), event(12 * 60 + 5)]
    assert daily(rolled(tmp_path, events), "day", "sessions", "active_seconds") == [
        (date(2026, 11, 2), 1, 900),
        (date(2026, 11, 3), 0, 0),
    ]
    assert daily(rolled(tmp_path, events, ZoneInfo("Asia/Tokyo")), "day", "events") == [(date(2026, 11, 3), 2)]


def test_days_follow_the_clock_through_its_change(tmp_path):
    summer = (datetime(2026, 10, 24, 23, 30, tzinfo=UTC) - NOON) / timedelta(minutes=1)
    winter = (datetime(2026, 10, 25, 23, 30, tzinfo=UTC) - NOON) / timedelta(minutes=1)
    assert daily(rolled(tmp_path, [event(summer), event(winter)]), "day", "events") == [(date(2026, 10, 25), 2)]


def test_events_are_counted_by_name(tmp_path):
    tables = rolled(tmp_path, [event(0), event(1), event(2, name="\\core\\event\\user_list_viewed")])
    assert [(row["event_name"], row["events"]) for row in tables["activity_events_daily"]] == [
        ("\\core\\event\\course_viewed", 2),
        ("\\core\\event\\user_list_viewed", 1),
    ]


def test_a_course_without_events_has_no_rows(tmp_path):
    with open_engine(tmp_path) as engine:
        assert roll_up(engine, [], Course("site", 2, LONDON)) == dict.fromkeys(TABLES, 0)


acts = st.lists(
    st.builds(
        event,
        st.integers(0, 4000),
        user=st.sampled_from([0, 3, 4]),
        cmid=st.sampled_from([0, 7, 9]),
        origin=st.sampled_from(["web", "ws", "cli", ""]),
        real_user=st.sampled_from([0, 0, 2]),
    ),
    min_size=1,
    max_size=40,
)


@settings(deadline=None, max_examples=50)
@given(acts)
def test_no_sum_counts_anything_twice(tmp_path_factory, events):
    tables = rolled(tmp_path_factory.mktemp("lake"), events)
    sessions = tables["activity_sessions"]
    lengths = sum(int((row["ended_at"] - row["started_at"]).total_seconds()) for row in sessions)
    assert sum(row["events"] for row in tables["activity_daily"]) == len(events)
    assert sum(row["sessions"] for row in tables["activity_daily"]) == len(sessions)
    assert sum(row["active_seconds"] for row in tables["activity_daily"]) == lengths
    assert sum(row["active_seconds"] for row in sessions) == lengths
