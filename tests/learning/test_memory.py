"""How one learner remembers: arrays against `fsrs`, fits against known truths, and which of them take over."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from fsrs import Card, Rating, Scheduler
from numpy.typing import NDArray

from studium.learning.memory import fsrs6
from studium.learning.memory.comparing import agreement, gain, losses
from studium.learning.memory.fitting import LEAST_TESTED, split
from studium.learning.memory.fsrs6 import DEFAULTS, Parameters
from studium.learning.memory.log import DAY, Log, Review, replay
from studium.learning.memory.promotion import try_fit
from tests.memory_world import Fsrs, HalfLife, Learner, other_parameters

START = datetime(2026, 3, 1, 18, tzinfo=UTC)


def studied(parameters: Parameters, seed: int, *, cards: int = 600, days: int = 150) -> Learner:
    """Somebody who remembers exactly as FSRS would, by these parameters, and is scheduled by the usual ones."""
    chance = np.random.default_rng(seed)
    learner = Learner(Fsrs(cards, chance, parameters), cards, chance)
    learner.study(days, 8)
    return learner


def lost_to_truth(log: Log, truth: Parameters, parameters: Parameters, chosen: NDArray[np.bool_]) -> float:
    """By what share the log-loss to be expected is above that of who knows how the learner remembers."""
    likely = replay(log, truth).expected[chosen]
    theirs, ours = (np.clip(replay(log, one).expected[chosen], 1e-4, 1 - 1e-4) for one in (truth, parameters))
    least, found = (-(likely * np.log(one) + (1 - likely) * np.log(1 - one)).mean() for one in (theirs, ours))
    return float(found / least - 1)


@pytest.mark.parametrize("parameters", [DEFAULTS, other_parameters(np.random.default_rng(7))])
def test_a_replay_is_what_the_scheduler_works_out_card_by_card(parameters: Parameters) -> None:
    chance = np.random.default_rng(3)
    scheduler = Scheduler(parameters, enable_fuzzing=False)
    reviews, states, expected = [], [], []
    for number in range(40):
        card, moment = Card(card_id=number), START
        for _ in range(int(chance.integers(1, 12))):
            rating = int(chance.integers(1, 5))
            expected.append(scheduler.get_card_retrievability(card, moment) if card.last_review else np.nan)
            card, _ = scheduler.review_card(card, Rating(rating), moment)
            reviews.append(Review(number, moment, rating))
            states.append((card.stability, card.difficulty))
            moment += timedelta(days=float(chance.exponential(6) * (chance.random() > 0.3)), minutes=7)
    known = replay(Log.of(reviews), parameters)
    stability, difficulty = np.array(states).T
    np.testing.assert_allclose(known.stability, stability, rtol=1e-6)
    np.testing.assert_allclose(known.difficulty, difficulty, rtol=1e-6)
    np.testing.assert_allclose(known.expected, expected, rtol=1e-6)


def test_intervals_are_the_schedulers() -> None:
    scheduler = Scheduler(desired_retention=0.85, enable_fuzzing=False)
    for stability in (0.01, 0.7, 3.2, 18.0, 400.0, 90_000.0):
        card = Card(stability=stability, difficulty=5.0)
        days = fsrs6.interval(DEFAULTS, np.array(stability), 0.85)
        assert days == scheduler._next_interval(stability=card.stability)


def test_a_review_within_a_day_tests_nothing() -> None:
    hours = [0, 5, 30, 53, 78]
    log = Log.of(Review("a", START + timedelta(hours=hour), 3) for hour in hours)
    assert log.days.tolist() == [0, 0, 1, 0, 1]
    assert log.is_tested.tolist() == [False, False, True, False, True]


def test_a_log_is_the_same_in_whatever_order_it_comes_and_wants_zones() -> None:
    rows = [Review(card, START + timedelta(days=day), 3 - (day == 4)) for card in "ab" for day in (0, 2, 4, 9)]
    one, other = Log.of(rows), Log.of([*rows[:4], *reversed(rows[4:])])
    for name in ("moments", "ratings", "days", "positions"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    with pytest.raises(ValueError, match="time zone"):
        Log.of([Review("a", START.replace(tzinfo=None), 3)])
    with pytest.raises(ValueError, match="rating"):
        Log.of([Review("a", START, 0)])
    assert len(Log.of([])) == 0


def test_nothing_is_learnt_of_what_came_after_the_split() -> None:
    learner = studied(DEFAULTS, 1, cards=200, days=60)
    log = learner.log()
    cut = split(log)
    assert cut is not None
    assert cut.earlier.moments.max() < cut.moment
    assert (log.is_tested & (log.moments >= cut.moment)).sum() >= 0.19 * log.is_tested.sum()
    # a future turned upside down changes nothing of what is fitted
    upset = np.where(log.moments >= cut.moment, 5 - log.ratings, log.ratings)
    changed = Log.from_arrays(log.cards, log.moments, upset)
    fits = [try_fit(one, DEFAULTS, np.random.default_rng(1)).parameters for one in (log, changed)]
    assert fits[0] == fits[1]


def test_few_reviews_are_not_fitted() -> None:
    learner = studied(other_parameters(np.random.default_rng(5)), 2, cards=60, days=20)
    trial = try_fit(learner.log(), DEFAULTS, np.random.default_rng(1))
    assert (trial.verdict, trial.parameters) == ("too_few", None)
    assert trial.tested < trial.needed == LEAST_TESTED


def test_a_known_learner_is_recovered_and_promoted() -> None:
    truth = other_parameters(np.random.default_rng(11))
    learner = studied(truth, 3, cards=1200, days=300)
    log = learner.log()
    trial = try_fit(log, DEFAULTS, np.random.default_rng(1))
    assert trial.verdict == "promoted"
    assert trial.parameters is not None
    assert trial.judged_from is not None
    later = log.is_tested & (log.moments >= trial.judged_from)
    assert lost_to_truth(log, truth, trial.parameters, later) < 0.01 < lost_to_truth(log, truth, DEFAULTS, later)
    assert trial.before is not None
    assert trial.after is not None
    assert (trial.after.log_loss, trial.after.rmse_bins) < (trial.before.log_loss, trial.before.rmse_bins)


def test_somebody_who_is_usual_keeps_the_usual() -> None:
    trial = try_fit(studied(DEFAULTS, 4, cards=300, days=100).log(), DEFAULTS, np.random.default_rng(1))
    assert trial.verdict == "no_better"
    assert trial.gain is not None
    assert trial.gain.low <= 0


def test_agreement_and_gain_tell_the_better_of_two() -> None:
    chance = np.random.default_rng(8)
    learner = Learner(HalfLife(200, chance), 200, chance)
    learner.study(60, 10)
    log = learner.log()
    known = replay(log, DEFAULTS)
    worse = np.clip(known.expected * 0.6, 0, 1)
    found = gain(log, worse, known.expected, log.is_tested, np.random.default_rng(2))
    assert found.low > 0
    back = gain(log, known.expected, worse, log.is_tested, np.random.default_rng(2))
    assert back.high < 0
    told = agreement(log, known.expected, log.is_tested)
    assert sum(part.reviews for part in told.calibration) == told.reviews == log.is_tested.sum()
    assert told.log_loss == pytest.approx(losses(known.expected, log.is_recalled)[log.is_tested].mean())


def test_a_perfect_expectation_is_off_by_nothing() -> None:
    moments = START.timestamp() + np.arange(5) * 2 * DAY
    log = Log.from_arrays(np.zeros(5, dtype=int), moments, np.array([3, 3, 1, 3, 1]))
    told = agreement(log, log.is_recalled.astype(float), log.is_tested)
    assert told.rmse_bins == 0
    assert told.log_loss < 1e-3
