"""The calendar: what it says, and that every program reads it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from icalendar import Calendar

from studium.learning.calendar import AHEAD, Entry, due_entries, plan_entries, render
from studium.wire.plan import PlanDay

TODAY = date(2026, 11, 22)
FEED = UUID(int=7)
NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)


def test_what_was_left_lying_is_todays() -> None:
    due = [(TODAY - timedelta(days=3), 2), (TODAY, 1), (TODAY + timedelta(days=2), 1), (TODAY + AHEAD * 2, 9)]
    assert due_entries(due, TODAY) == [
        Entry("due-2026-11-22", TODAY, "3 cards to review", "Of them 2 from the days before."),
        Entry("due-2026-11-24", TODAY + timedelta(days=2), "1 card to review"),
    ]


def test_a_day_keeps_its_name_so_that_it_is_not_there_twice() -> None:
    first, second = (
        Calendar.from_ical(render(due_entries([(TODAY, count)], TODAY), FEED, NOW)).walk("VEVENT")[0]
        for count in (3, 5)
    )
    assert first["UID"] == second["UID"]
    assert (str(second["SUMMARY"]), second["DTSTART"].dt, second["DTEND"].dt) == (
        "5 cards to review", TODAY, TODAY + timedelta(days=1),
    )  # fmt: skip


def test_a_plan_says_what_each_day_has_and_nothing_of_days_off() -> None:
    figures = [(-1, 5.0, 9.0), (0, 3.6, 11.2), (1, 0.2, 0.3), (2, 0.0, 1.0)]
    days = [
        PlanDay(
            day=TODAY + timedelta(days=ahead), new_cards=new, reviews=reviews, minutes=new + reviews / 6,
            minutes_allowed=20, recall=0.9,
        )
        for ahead, new, reviews in figures
    ]  # fmt: skip
    assert plan_entries("site:2", "Biology", days, TODAY) == [
        Entry("plan-site:2-2026-11-22", TODAY, "Biology: 4 new cards, 11 reviews, about 5 min"),
        Entry("plan-site:2-2026-11-24", TODAY + timedelta(days=2), "Biology: 1 review, about 1 min"),
    ]


def test_words_of_others_do_not_leave_their_line() -> None:
    text = "Exam: A\r\nBEGIN:VEVENT\r\nSUMMARY:x; , \\ " + "long " * 40
    data = render([Entry("exam", TODAY, text)], FEED, NOW)
    [event] = Calendar.from_ical(data).walk("VEVENT")
    assert "BEGIN:VEVENT" in str(event["SUMMARY"])
    assert data.count(b"\r\nBEGIN:VEVENT") == 1
    assert max(map(len, data.split(b"\r\n"))) <= 75
