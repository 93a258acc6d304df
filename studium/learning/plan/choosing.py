"""What a plan has done on a day: due cards, new ones, and before the exam those that would be forgotten on it.

One rule for many lives at once: a plan follows it through all it simulates, and `today` asks it what to do now.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studium.learning.memory import fsrs6
from studium.learning.memory.fsrs6 import Floats, Ints, Parameters
from studium.learning.plan.recall import Past

LAST_NEW = 3
"""Days before the exam without new cards: a card met on the eve is hardly learnt."""
AHEAD = 7
"""In so many days before the exam, spare minutes go to cards that are not due."""
LEAST_GAIN = 0.01
"""A card is looked at early if that makes it more likely to be known at the exam by this much."""


@dataclass
class Cards:
    """What is remembered of each card: one row a life that may be lived, one column a card."""

    stability: Floats
    difficulty: Floats
    last: Ints
    """The day it was last seen."""
    due: Ints
    seen: NDArray[np.bool_]
    past: Past

    def copies(self, count: int) -> "Cards":
        """The same cards, in so many lives."""
        stability, difficulty = (np.repeat(part, count, axis=0) for part in (self.stability, self.difficulty))
        last, due = (np.repeat(part, count, axis=0) for part in (self.last, self.due))
        past = Past(*(np.repeat(part, count, axis=0) for part in vars(self.past).values()))
        return Cards(stability, difficulty, last, due, np.repeat(self.seen, count, axis=0), past)


@dataclass(frozen=True)
class Terms:
    """What a plan is bound by."""

    exam: int
    """Day of the exam; today is 0."""
    minutes: Floats
    """For each day up to the exam."""
    new_per_day: int
    desired_retention: float
    review_minutes: float
    new_minutes: float
    begun_today: int = 0
    """New cards met today already."""


def choose(cards: Cards, day: int, terms: Terms, parameters: Parameters) -> NDArray[np.int64]:
    """The cards of a day as places in the flattened arrays, each life's in the order in which they are wanted."""
    rows, columns = cards.seen.shape
    waits = cards.seen & (cards.last < day)
    is_due = waits & (cards.due <= day)
    early = waits & ~is_due if terms.exam - day <= AHEAD else np.zeros_like(waits)
    is_new = ~cards.seen & (np.cumsum(~cards.seen, axis=1) <= _new_today(cards, day, terms)[:, None])
    known = np.flatnonzero(is_due | early)
    gain = _gain(cards, known, day, terms.exam, parameters)
    wanted = np.full(rows * columns, -np.inf)
    due = is_due.ravel()[known]
    wanted[known] = np.where(due, 2 + gain, np.where(gain >= LEAST_GAIN, gain, -np.inf))
    new = np.flatnonzero(is_new)
    wanted[new] = 2 - (new % columns + 1) / (columns + 1)
    order = np.argsort(-wanted.reshape(rows, columns), axis=1, kind="stable")
    costs = np.where(cards.seen, terms.review_minutes, terms.new_minutes)
    costs = np.where(np.isfinite(wanted.reshape(rows, columns)), costs, np.inf)
    spent = np.cumsum(np.take_along_axis(costs, order, axis=1), axis=1)
    chosen = spent <= terms.minutes[day] + 1e-9
    places: NDArray[np.int64] = (order + np.arange(rows)[:, None] * columns)[chosen]
    return places


def _new_today(cards: Cards, day: int, terms: Terms) -> Ints:
    """As many as it takes to have met all in time, and no more than the learner wants in a day."""
    left = terms.exam - LAST_NEW - day
    unseen = (~cards.seen).sum(axis=1)
    if left <= 0:
        return np.zeros_like(unseen)
    wanted = np.ceil(unseen / left).astype(np.int64)
    new: Ints = np.minimum(wanted, max(0, terms.new_per_day - (terms.begun_today if day == 0 else 0)))
    return new


def _gain(cards: Cards, at: NDArray[np.int64], day: int, exam: int, parameters: Parameters) -> Floats:
    """By how much a look today makes cards likelier to be known at the exam."""
    stability, difficulty = cards.stability.ravel()[at], cards.difficulty.ravel()[at]
    elapsed = day - cards.last.ravel()[at]
    likely = fsrs6.recall(parameters, stability, elapsed)
    without = fsrs6.recall(parameters, stability, elapsed + exam - day)
    kept, _ = fsrs6.after(parameters, stability, difficulty, elapsed, np.array(fsrs6.GOOD))
    lost, _ = fsrs6.after(parameters, stability, difficulty, elapsed, np.array(fsrs6.AGAIN))
    with_it = likely * fsrs6.recall(parameters, kept, exam - day)
    with_it += (1 - likely) * fsrs6.recall(parameters, lost, exam - day)
    gained: Floats = with_it - without
    return gained
