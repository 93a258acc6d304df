"""Many lives from today to the exam, each following the plan and each with a memory that may be this learner's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studium.learning.memory import fsrs6
from studium.learning.memory.fsrs6 import Floats, Parameters
from studium.learning.plan.choosing import Cards, Terms, choose
from studium.learning.plan.habits import Habits
from studium.learning.plan.recall import Correction, Past, corrected

ROUNDS = 6
"""How often, at most, a card comes back on the day on which it is met or was forgotten."""


Places = NDArray[np.int64]
"""Where in the flattened arrays."""


@dataclass(frozen=True)
class Lives:
    """What came of them: means a day over all lives, and how likely each card is known on the day."""

    new: Floats
    reviews: Floats
    minutes: Floats
    recalled: Floats
    """How likely, on average, the cards met so far are known at the end of each day."""
    on_the_day: NDArray[np.float64]
    """One row a life, one column a card; a card that was never met is not known."""


class _Run:
    """One simulation under way."""

    def __init__(
        self,
        cards: Cards,
        terms: Terms,
        parameters: Parameters,
        habits: Habits,
        lines: NDArray[np.float64],
        chance: np.random.Generator,
    ) -> None:
        self.cards, self.terms, self.parameters, self.habits = cards, terms, parameters, habits
        self.lines, self.chance = lines, chance
        self.columns = cards.seen.shape[1]
        self.first = np.cumsum(habits.first)[:-1]
        self.recalled = np.cumsum(habits.recalled)[:-1]

    def likely(self, at: Places, day: int) -> Floats:
        """How likely cards that were met are known, as this learner's memory has it."""
        elapsed, expected = self._expected(at, day)
        past = Past(*(part.ravel()[at] for part in vars(self.cards.past).values()))
        return corrected(expected, elapsed, self.cards.stability.ravel()[at], past, self.lines[at // self.columns])

    def _expected(self, at: Places, day: int) -> tuple[Places, Floats]:
        elapsed = day - self.cards.last.ravel()[at]
        return elapsed, fsrs6.recall(self.parameters, self.cards.stability.ravel()[at], elapsed)

    def study(self, at: Places, day: int) -> tuple[int, int, float]:
        """Answer the chosen cards; new ones, others, and the minutes they take."""
        cards = self.cards
        seen = cards.seen.ravel()[at]
        new, known = at[~seen], at[seen]
        answers = len(known) + self._again(*self._meet(new)) + self._again(*self._review(known, day))
        seconds = self.habits.first_seconds * len(new) + self.habits.seconds * answers
        cards.last.ravel()[at] = day
        cards.seen.ravel()[at] = True
        stability = cards.stability.ravel()[at]
        wait = fsrs6.interval(self.parameters, stability, self.terms.desired_retention)
        cards.due.ravel()[at] = day + wait.astype(np.int64)
        return len(new), len(known), seconds / 60

    def _meet(self, at: Places) -> tuple[Places, Places, int]:
        """Have cards answered for the first time; those that come back today, and after how many good answers not."""
        ratings = np.searchsorted(self.first, self.chance.random(len(at))) + fsrs6.AGAIN
        stability, difficulty = fsrs6.first(self.parameters, ratings)
        self.cards.stability.ravel()[at], self.cards.difficulty.ravel()[at] = stability, difficulty
        return at[ratings < fsrs6.EASY], 2 - (ratings[ratings < fsrs6.EASY] == fsrs6.GOOD), 2

    def _review(self, at: Places, day: int) -> tuple[Places, Places, int]:
        is_known = self.chance.random(len(at)) < self.likely(at, day)
        pressed = np.searchsorted(self.recalled, self.chance.random(len(at))) + fsrs6.HARD
        ratings = np.where(is_known, pressed, fsrs6.AGAIN)
        elapsed, expected = self._expected(at, day)
        past = self.cards.past
        past.better.ravel()[at] += is_known - expected
        past.weight.ravel()[at] += expected * (1 - expected)
        past.tested.ravel()[at] += 1
        self._answer(at, elapsed, ratings)
        return at[~is_known], np.ones(int((~is_known).sum()), dtype=np.int64), 1

    def _again(self, waiting: Places, left: Places, steps: int) -> int:
        """Have cards come back on the same day until they are known; how many answers that takes.

        Args:
            waiting: the cards.
            left: how many good answers each still needs.
            steps: how many it needs after it was not known.
        """
        answers = 0
        for _ in range(ROUNDS):
            answers += len(waiting)
            is_known = self.chance.random(len(waiting)) < self.habits.same_day
            ratings = np.where(is_known, fsrs6.GOOD, fsrs6.AGAIN)
            self._answer(waiting, np.zeros(len(waiting), dtype=np.int64), ratings)
            left = np.where(is_known, left - 1, steps)
            waiting, left = waiting[left > 0], left[left > 0]
        return answers

    def _answer(self, at: Places, elapsed: Places, ratings: Places) -> None:
        stability, difficulty = self.cards.stability.ravel(), self.cards.difficulty.ravel()
        stability[at], difficulty[at] = fsrs6.after(self.parameters, stability[at], difficulty[at], elapsed, ratings)


def likely_now(
    cards: Cards, parameters: Parameters, correction: Correction, lives: int, chance: np.random.Generator
) -> NDArray[np.float64]:
    """How likely each card is known this morning, one row a life; a card that was never met is not known."""
    expected = fsrs6.recall(parameters, cards.stability, -cards.last)
    lines = correction.draw(lives, chance)[:, None, :]
    return np.where(cards.seen, corrected(expected, -cards.last, cards.stability, cards.past, lines), 0.0)


def simulate(
    cards: Cards,
    terms: Terms,
    parameters: Parameters,
    habits: Habits,
    correction: Correction,
    *,
    lives: int,
    chance: np.random.Generator,
) -> Lives:
    """Live from today to the morning of the exam, in so many ways.

    Args:
        cards: as they are now, one row.
        terms: what the plan is bound by.
        parameters: FSRS, as it is in use for the learner.
        habits: how the learner answers.
        correction: how far the learner differs from what FSRS expects.
        lives: how often.
        chance: what decides.
    """
    run = _Run(cards.copies(lives), terms, parameters, habits, correction.draw(lives, chance), chance)
    days = []
    for day in range(terms.exam):
        done = run.study(choose(run.cards, day, terms, parameters), day)
        met = np.flatnonzero(run.cards.seen)
        days.append((*(sum_ / lives for sum_ in done), run.likely(met, day).mean() if len(met) else 0.0))
    new, reviews, minutes, recalled = np.array(days).reshape(-1, 4).T
    on_the_day = np.zeros(run.cards.seen.shape)
    met = np.flatnonzero(run.cards.seen)
    on_the_day.ravel()[met] = run.likely(met, terms.exam)
    return Lives(new, reviews, minutes, recalled, on_the_day)
