"""The plan to an exam: what is done on a day, what a learner's own answers correct, and whether promises come true."""

import numpy as np
import pytest

from bench.plan import live
from studium.learning.memory.fsrs6 import DEFAULTS
from studium.learning.memory.log import Log, replay
from studium.learning.plan import habits, recall
from studium.learning.plan.choosing import AHEAD, LAST_NEW, Cards, Terms, choose
from studium.learning.plan.recall import Past
from studium.learning.plan.simulate import Lives, simulate
from tests.memory_world import KINDS, Fsrs, HalfLife, Learner


def cards(seen: int, new: int, *, stability: float = 5.0, last: int = -5, due: int = 0) -> Cards:
    """Some cards in one state and some new ones, one life."""
    count = seen + new
    row = np.ones((1, count))
    days = np.ones((1, count), dtype=np.int64)
    known = (np.arange(count) < seen)[None, :]
    return Cards(row * stability, row * 5, days * last, days * due, known, Past(row * 0, row * 0, row * 0))


def terms(exam: int, minutes: float, *, new_per_day: int = 20, begun_today: int = 0) -> Terms:
    """A plan of so many minutes each day; a card takes a fifth of a minute, a new one half."""
    return Terms(exam, np.full(exam, minutes), new_per_day, 0.9, 0.2, 0.5, begun_today)


def test_due_cards_come_before_new_ones_and_both_within_the_minutes() -> None:
    chosen = choose(cards(10, 10), 0, terms(30, 3.0), DEFAULTS)
    assert sorted(chosen[:10]) == list(range(10)), "two minutes for what is due"
    assert list(chosen[10:]) == [10], "and half a minute of the last for the first new card"
    assert len(choose(cards(10, 0), 0, terms(30, 1.0), DEFAULTS)) == 5


def test_new_cards_are_spread_and_end_before_the_exam() -> None:
    deck = cards(0, 54)
    assert len(choose(deck, 0, terms(30, 60), DEFAULTS)) == 2, "54 cards in 27 days"
    assert len(choose(deck, 0, terms(5, 600), DEFAULTS)) == 20, "as many as are wanted in a day"
    assert len(choose(deck, 0, terms(5, 600, begun_today=15), DEFAULTS)) == 5
    assert len(choose(deck, 30 - LAST_NEW, terms(30, 60), DEFAULTS)) == 0


def test_cards_come_early_only_shortly_before_the_exam_and_where_it_helps() -> None:
    waiting = cards(10, 0, stability=5.0, last=-3, due=4)
    assert len(choose(waiting, 0, terms(AHEAD + 1, 60), DEFAULTS)) == 0
    assert len(choose(waiting, 0, terms(AHEAD, 60), DEFAULTS)) == 10
    assert len(choose(cards(10, 0, stability=5000.0, last=-3, due=400), 0, terms(AHEAD, 60), DEFAULTS)) == 0


def test_what_was_seen_today_is_not_asked_again() -> None:
    assert len(choose(cards(10, 0, last=0, due=0), 0, terms(5, 60), DEFAULTS)) == 0


def lived(minutes: float, lives: int = 48) -> Lives:
    """Forty days with a hundred cards that are half known, and fifty new ones."""
    deck = cards(100, 50, stability=8.0, last=-10)
    correction = recall.learn(Log.of([]), replay(Log.of([]), DEFAULTS))
    chance = np.random.default_rng(4)
    return simulate(deck, terms(40, minutes), DEFAULTS, habits.Habits(), correction, lives=lives, chance=chance)


def test_more_minutes_are_remembered_better_and_none_are_spent_twice() -> None:
    few, enough = lived(1.0), lived(15.0)
    assert enough.on_the_day.mean() > few.on_the_day.mean() + 0.1
    assert (few.on_the_day == 0).sum() > (enough.on_the_day == 0).sum() == 0, "some were never met"
    assert few.minutes.max() < 1.0 * 2.5
    assert enough.new.sum() == pytest.approx(50)


def test_the_same_luck_gives_the_same_plan_and_the_cards_are_left_as_they_were() -> None:
    np.testing.assert_array_equal(lived(5.0, 8).on_the_day, lived(5.0, 8).on_the_day)
    deck = cards(5, 5)
    correction = recall.learn(Log.of([]), replay(Log.of([]), DEFAULTS))
    simulate(deck, terms(9, 20), DEFAULTS, habits.Habits(), correction, lives=4, chance=np.random.default_rng(1))
    assert deck.seen.sum() == 5
    assert (deck.stability == 5.0).all()


def test_a_range_narrows_with_what_is_known_of_a_learner() -> None:
    chance = np.random.default_rng(2)
    learner = Learner(HalfLife(200, chance), 200, chance)
    learner.study(70, 4)
    log = learner.log()
    correction = recall.learn(log, replay(log, DEFAULTS))
    nothing = recall.learn(Log.of([]), replay(Log.of([]), DEFAULTS))
    assert (np.diag(correction.covariance)[:4] < np.diag(nothing.covariance)[:4]).all()
    tested = log.is_tested
    known = replay(log, DEFAULTS)
    before = np.append(1.0, known.stability[:-1])
    heard = recall.corrected(known.expected, log.days, before, recall.past_of(log, known), correction.mean)
    off = [abs(one[tested].mean() - log.is_recalled[tested].mean()) for one in (known.expected, heard)]
    assert off[1] < off[0] / 2, "who forgets sooner than is usual is heard"


def slipping(missed: int, asked: int = 400) -> Log:
    """Cards met and asked again ten minutes later, some of them in vain."""
    again = np.where(np.arange(asked) < missed, 1, 3)
    moments = np.tile([0.0, 600.0], asked)
    return Log.from_arrays(np.repeat(np.arange(asked), 2), moments, np.column_stack((again * 0 + 3, again)).ravel())


def test_who_misses_cards_within_the_hour_is_expected_to_lose_fresh_ones_sooner() -> None:
    lines = [recall.learn(log, replay(log, DEFAULTS)) for log in (slipping(0), slipping(8))]
    card, past = np.array([20.0]), Past(*(np.zeros(1) for _ in range(3)))
    fresh, due = (
        [recall.corrected(np.array([0.95]), np.array([days]), card, past, line.mean)[0] for line in lines]
        for days in (4, 20)
    )
    assert fresh[0] == pytest.approx(0.95, abs=0.02), "one without a slip is expected what FSRS expects"
    assert fresh[1] < fresh[0] - 0.05
    assert due[1] == pytest.approx(due[0], abs=0.005), "cards that are due tell it themselves"


def test_one_slip_leaves_it_open_whether_fresh_cards_are_lost_sooner() -> None:
    none, one, many = (recall.learn(log, replay(log, DEFAULTS)) for log in (slipping(0), slipping(1), slipping(12)))
    assert none.mean[-1] < one.mean[-1] < many.mean[-1]
    assert one.covariance[-1, -1] > 2 * many.covariance[-1, -1]


def test_habits_are_the_learners_own_once_there_are_answers() -> None:
    chance = np.random.default_rng(3)
    learner = Learner(Fsrs(100, chance, DEFAULTS), 100, chance, seconds=30.0)
    learner.study(30, 5)
    own = habits.learn(learner.log(), learner.times())
    assert 24 < own.seconds < 40
    assert sum(own.first) == pytest.approx(1)
    nothing = habits.learn(Log.of([]), np.array([]))
    assert (nothing.seconds, *nothing.first) == pytest.approx((habits.USUAL_SECONDS, *habits.USUAL_FIRST))
    untimed = habits.learn(learner.log(), np.full(len(learner.log()), np.nan))
    assert untimed.seconds == habits.USUAL_SECONDS


def test_a_range_counts_how_cards_fall_on_the_day() -> None:
    found = recall.range_of(np.full((20, 100), 0.9), np.random.default_rng(1))
    assert found.mean == pytest.approx(0.9)
    assert 0.82 <= found.low <= 0.86
    assert 0.94 <= found.high <= 0.97
    sure = recall.range_of(np.ones((4, 10)), np.random.default_rng(1))
    assert (sure.low, sure.high) == (1, 1)


@pytest.mark.soak
@pytest.mark.parametrize("kind", list(KINDS))
def test_learners_who_remember_otherwise_find_the_promise_kept(kind: str) -> None:
    outcomes = [live(kind, np.random.default_rng([99, number])) for number in range(60)]
    assert np.mean([one.is_inside for one in outcomes]) >= 0.8
    assert np.mean([one.width for one in outcomes]) <= 0.1


def test_a_few_learners_find_the_promise_kept() -> None:
    outcomes = [live(kind, np.random.default_rng([98, number])) for number, kind in enumerate(KINDS)]
    assert sum(one.is_inside for one in outcomes) >= 2
    assert all(one.width < 0.25 for one in outcomes)
