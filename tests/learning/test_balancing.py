"""Days are spread within the range that makes no difference, by what each day is meant to hold."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from studium.learning import balancing, scheduling
from studium.learning.limits import is_due, new_left, zone_of

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(("days", "first", "last"), [(1, 1, 1), (2, 2, 2), (3, 2, 4), (7, 5, 9), (30, 27, 33)])
def test_only_intervals_of_days_may_move_and_long_ones_by_more(days: int, first: int, last: int) -> None:
    assert (balancing.allowed(days)[0], balancing.allowed(days)[-1]) == (first, last)


def test_on_equal_days_the_scheduler_is_followed_and_else_the_least_full_one() -> None:
    assert balancing.balanced(7, MONDAY, {}) == 7
    load = {MONDAY + timedelta(days=days): 9 for days in (5, 6, 7, 9)}
    assert balancing.balanced(7, MONDAY, load) == 8


def test_a_day_off_takes_nothing_while_there_is_another_and_half_a_day_half() -> None:
    sundays_off = (100, 100, 100, 100, 100, 100, 0)
    assert balancing.balanced(6, MONDAY, {}, sundays_off) != 6
    half = (100, 100, 100, 100, 100, 50, 50)
    load: Counter[date] = Counter()
    chance = Random(3)
    for _ in range(4000):
        start = MONDAY + timedelta(days=chance.randrange(14))
        days = balancing.balanced(chance.randrange(20, 60), start, load, half)
        load[start + timedelta(days=days)] += 1
    middle = {day: cards for day, cards in load.items() if 35 <= (day - MONDAY).days < 56}
    weekend = sum(cards for day, cards in middle.items() if day.weekday() > 4) / 6
    week = sum(cards for day, cards in middle.items() if day.weekday() <= 4) / 15
    assert weekend / week == pytest.approx(0.5, abs=0.05)


def test_a_spread_card_keeps_what_is_known_of_it_and_one_of_minutes_its_minute() -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    memory = scheduling.review(None, 4, now)
    days = (scheduling.due_of(memory) - now).days
    load = {MONDAY + timedelta(days=days): 5}
    spread = balancing.spread(memory, MONDAY, load)
    assert spread["due"] != memory["due"]
    assert {**spread, "due": ""} == {**memory, "due": ""}
    learning = scheduling.review(None, 1, now)
    assert balancing.spread(learning, MONDAY, {MONDAY: 99}) == learning


def test_new_cards_are_begun_up_to_the_days_share() -> None:
    assert new_left(20, 5, (100,) * 7, MONDAY) == 15
    assert new_left(20, 25, (100,) * 7, MONDAY) == 0
    assert new_left(20, 5, (50, *(100,) * 6), MONDAY) == 5
    assert new_left(20, 0, (0, *(100,) * 6), MONDAY) == 0


def test_a_card_comes_from_the_morning_of_its_day_when_a_whole_day_has_passed() -> None:
    zone = ZoneInfo("Europe/Berlin")
    reviewed = datetime(2026, 3, 2, 20, tzinfo=zone)
    for days, hour, expected in ((1, 8, False), (1, 20, True), (3, 8, True)):
        due = reviewed + timedelta(days=days)
        assert is_due(due, reviewed, due.replace(hour=hour), zone) is expected
    assert not is_due(reviewed + timedelta(days=3), reviewed, reviewed + timedelta(days=2, hours=2), zone)
    assert is_due(reviewed + timedelta(minutes=10), reviewed, reviewed + timedelta(minutes=10), zone)


def test_a_zone_nobody_knows_is_utc() -> None:
    assert {zone_of(name).key for name in (None, "", "Mars/Base", "../etc/passwd")} == {"UTC"}
    assert zone_of("Asia/Kolkata").key == "Asia/Kolkata"
