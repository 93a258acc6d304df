from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studium.moodle.logs.clock import later_half, spans

LONDON = ZoneInfo("Europe/London")
FELL = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""When London's clock fell from 02:00 to 01:00."""


def test_spans_of_a_year_tell_the_skipped_and_the_repeated_hour():
    told = spans(LONDON, datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001 - wall times
    assert [(span.starts.strftime("%m-%d %H:%M"), span.kind, span.offset, span.later_offset) for span in told[1:]] == [
        ("03-29 01:00", "skipped", 0, 3600),
        ("03-29 02:00", "plain", 3600, 3600),
        ("10-25 01:00", "repeated", 3600, 0),
        ("10-25 02:00", "plain", 0, 0),
    ]


def test_a_half_hour_change_repeats_half_an_hour():
    told = spans(ZoneInfo("Australia/Lord_Howe"), datetime(2026, 4, 1), datetime(2026, 4, 10))  # noqa: DTZ001
    repeated = next(span for span in told if span.kind == "repeated")
    following = told[told.index(repeated) + 1]
    assert following.starts - repeated.starts == timedelta(minutes=30)


def test_a_zone_without_changes_is_one_span():
    assert len(spans(ZoneInfo("Asia/Tokyo"), datetime(2020, 1, 1), datetime(2026, 1, 1))) == 1  # noqa: DTZ001


@settings(deadline=None)
@given(st.lists(st.integers(-3600, 3599), min_size=1, max_size=12).map(sorted))
def test_an_answer_that_is_no_guess_is_right(seconds):
    moments = [FELL + timedelta(seconds=second) for second in seconds]
    walls = [moment.astimezone(LONDON).replace(tzinfo=None) for moment in moments]
    told = later_half(walls, None, None, ordered=True)
    assert [later for later, guess in told if not guess] == [
        moment >= FELL for moment, (_, guess) in zip(moments, told, strict=True) if not guess
    ]
    if any(other < one for one, other in pairwise(walls)):
        assert not any(guess for _, guess in told)


@pytest.mark.parametrize(("before", "after", "later"), [("00:59", "04:00", False), ("00:05", "02:01", True)])
def test_without_a_step_back_the_hour_hides_in_the_longest_silence(before, after, later):
    wall = [datetime(2026, 10, 25, *map(int, text.split(":"))) for text in (before, "01:30", after)]  # noqa: DTZ001
    assert later_half([wall[1]], wall[0], wall[2], ordered=True) == [(later, True)]


def test_rows_out_of_order_are_only_guessed():
    walls = [datetime(2026, 10, 25, 1, minute) for minute in (30, 10, 40, 5)]  # noqa: DTZ001
    assert all(guess for _, guess in later_half(walls, None, None, ordered=True))
    assert all(guess for _, guess in later_half(walls[:2], None, None, ordered=False))
