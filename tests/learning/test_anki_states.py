"""What is remembered of a card, said in Anki's terms and back: exactly, while Anki has not changed it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studium.learning import scheduling
from studium.learning.anki.records import CardRow, ReviewRow
from studium.learning.anki.states import Days, Known, from_anki, packed, to_anki, unpacked

DAYS = Days(date(2026, 1, 5), ZoneInfo("Europe/Zagreb"))
BEGUN = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)


def known(ratings: list[int], waits: list[float], scheduler: scheduling.SchedulerName) -> Known:
    memory, at, reviewed = None, BEGUN, None
    for rating, wait in zip(ratings, waits, strict=True):
        memory, reviewed = scheduling.review(memory, rating, at, scheduler=scheduler), at
        at = max(at, scheduling.due_of(memory)) + timedelta(days=wait)
    return Known(scheduler, memory, scheduling.due_of(memory) if memory else None, reviewed)


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(0, 40)), max_size=12), st.sampled_from(["fsrs", "sm2"]))
def test_a_state_comes_back_exactly(history: list[tuple[int, float]], scheduler: scheduling.SchedulerName) -> None:
    there = known([rating for rating, _ in history], [wait for _, wait in history], scheduler)
    row = to_anki(1, 2, "Deck", 0, there, DAYS)
    back = from_anki(row, DAYS, None)
    assert (back.memory, back.due_at, back.last_reviewed_at) == (there.memory, there.due_at, there.last_reviewed_at)
    custom = json.loads(row.data)["cd"] if row.data else ""
    assert len(custom) <= 100, "more Anki does not keep"


def test_the_exact_state_is_not_believed_once_anki_has_asked_again() -> None:
    row = to_anki(1, 2, "Deck", 0, known([3, 3, 3], [0, 1, 0], "fsrs"), DAYS)
    data = {**json.loads(row.data), "s": 55.5, "d": 4.25, "lrt": json.loads(row.data)["lrt"] + 86_400}
    back = from_anki(replace(row, due=row.due + 40, interval=50, data=json.dumps(data)), DAYS, None)
    assert back.memory is not None
    assert (back.memory["stability"], back.memory["difficulty"]) == (55.5, 4.25)


def test_ankis_own_cards_are_understood() -> None:
    learning = CardRow(1, 2, "D", 0, type=1, queue=1, due=1_795_365_593, reps=1, left=1, data='{"s":2.3065,"d":2.118}')
    review = CardRow(1, 2, "D", 0, type=2, queue=2, due=10, interval=4, factor=2300, reps=5, lapses=1)
    asked = ReviewRow(1_767_900_000_000, 1, 3, 4, 2, 2300, 5000, 1)
    new = from_anki(CardRow(1, 2, "D", 0), DAYS, None)
    one, other = from_anki(learning, DAYS, None), from_anki(review, DAYS, asked)
    assert (new.memory, new.due_at) == (None, None)
    assert one.memory is not None
    assert (one.memory["state"], one.memory["step"], one.memory["stability"]) == (1, 1, 2.3065)
    assert one.due_at == datetime.fromtimestamp(1_795_365_593, UTC)
    assert other.scheduler == "sm2"
    assert other.memory is not None
    assert (other.memory["ease"], other.memory["interval_days"]) == (2.3, 4)
    assert DAYS.of(other.due_at or BEGUN) == 10


def test_anki_days_begin_at_four_where_the_learner_is() -> None:
    assert DAYS.of(datetime(2026, 1, 6, 2, 59, tzinfo=UTC)) == 0
    assert DAYS.of(datetime(2026, 1, 6, 3, 0, tzinfo=UTC)) == 1
    for day in (0, 83, 84, 85, 200, 294, 295):  # across both changes of the clock
        assert DAYS.of(DAYS.start(day)) == day
        assert DAYS.of(DAYS.start(day) - timedelta(seconds=1)) == day - 1


@pytest.mark.parametrize(
    "data",
    [
        '{"cd":"{\\"x\\":\\"f,1\\"}"}',
        '{"cd":7}',
        "[",
        '{"s":NaN,"d":1e999}',
        '{"s":-1,"d":"x"}',
        '{"lrt":99999999999999}',
    ],
)
def test_data_that_makes_no_sense_is_not_believed(data: str) -> None:
    row = CardRow(1, 2, "D", 0, type=2, queue=2, due=10, interval=4, factor=2300, data=data)
    assert from_anki(row, DAYS, None).scheduler == "sm2"


@pytest.mark.parametrize("change", [{"due": 10**17}, {"due": -(10**9)}, {"interval": 10**12, "due": 5}])
def test_dates_that_are_none_are_errors_and_no_dates(change: dict[str, Any]) -> None:
    row = CardRow(1, 2, "D", 0, **{"type": 2, "queue": 2, **change})
    with pytest.raises((OverflowError, ValueError, OSError)):
        from_anki(row, DAYS, None)


def test_what_was_not_asked_goes_back_as_it_came() -> None:
    row = CardRow(1, 2, "D", 0, type=2, queue=2, due=10, interval=4, factor=2310, left=1, data='{"pos":7}')
    there = from_anki(row, DAYS, None)
    later = Days(DAYS.first + timedelta(days=100), DAYS.zone)
    made = to_anki(1, 2, "D", 0, there, later)
    back = unpacked(packed(row, there, DAYS), made, there, later)
    assert back == replace(row, due=-90)
    moved = replace(there, due_at=there.due_at and there.due_at + timedelta(days=1))
    assert unpacked(packed(row, there, DAYS), made, moved, later) is None
