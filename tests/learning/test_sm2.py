"""SM-2 as published: what grades do to the ease, the intervals that follow, the repetition until it is known."""

from datetime import UTC, datetime, timedelta

import pytest

from studium.learning import sm2
from studium.learning.sm2 import Item

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(("grade", "change"), [(5, 0.10), (4, 0.00), (3, -0.14), (2, -0.32), (1, -0.54), (0, -0.80)])
def test_the_ease_changes_by_the_published_amounts(grade: int, change: float) -> None:
    assert sm2.ease_after(2.5, grade) == pytest.approx(2.5 + change)
    assert sm2.ease_after(1.35, grade) == pytest.approx(max(1.3, 1.35 + change))


@pytest.mark.parametrize(
    ("grade", "days"),
    [
        (4, [1, 6, 15, 38, 95, 238]),  # the ease stays 2.5; fractions are rounded up
        (5, [1, 6, 17, 50, 150, 465]),  # 2.6, 2.7, 2.8, 2.9, 3.0, 3.1
    ],
)
def test_the_intervals_are_one_day_six_days_and_then_times_the_ease(grade: int, days: list[int]) -> None:
    item, found = None, []
    for _ in days:
        item = sm2.repeat(item, grade, item.due if item else START)
        found.append(item.interval_days)
    assert found == days


def test_what_is_hard_again_and_again_comes_to_the_least_ease() -> None:
    item, found = None, []
    for _ in range(12):
        item = sm2.repeat(item, 3, item.due if item else START)
        item = sm2.repeat(item, 4, item.due)  # known in the same session
        found.append(item.interval_days)
    assert item is not None
    assert item.ease == 1.3
    assert found[-3:] == [sm2.interval(9, found[-4], 1.3), sm2.interval(9, found[-3], 1.3), found[-1]]


def test_what_was_not_known_begins_anew_with_its_ease() -> None:
    item = None
    for grade in (5, 5, 5):
        item = sm2.repeat(item, grade, item.due if item else START)
    assert item is not None
    failed = sm2.repeat(item, 1, item.due)
    assert (failed.ease, failed.repetitions, failed.interval_days) == (item.ease, 1, 1)
    again = sm2.repeat(failed, 4, failed.due)
    assert again.due - again.last_review == timedelta(days=1)
    assert sm2.repeat(again, 4, again.due).interval_days == 6


@pytest.mark.parametrize("grade", [0, 1, 2, 3])
def test_what_was_graded_below_four_is_asked_in_the_same_session_until_it_is_known(grade: int) -> None:
    item = sm2.repeat(sm2.repeat(None, 4, START), grade, START + timedelta(days=1))
    assert item.is_asked_again
    once_more = sm2.repeat(item, 3, item.due)
    assert once_more.is_asked_again
    known = sm2.repeat(once_more, 5, once_more.due)
    assert (known.ease, known.interval_days) == (item.ease, item.interval_days)
    assert known.due - known.last_review == timedelta(days=item.interval_days)


def test_an_interval_is_a_whole_number_whatever_floats_make_of_it_and_no_longer_than_a_century() -> None:
    assert sm2.interval(3, 15, 2.6) == 39
    assert sm2.interval(3, 30_000, 2.5) == sm2.LONGEST


def test_an_item_is_read_as_it_was_written() -> None:
    item = sm2.repeat(None, 3, START)
    assert Item.read(item.write()) == item
