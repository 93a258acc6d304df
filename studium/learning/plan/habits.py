"""How one learner studies: how long an answer takes them and which buttons they press, held near the usual at first."""

from dataclasses import dataclass

import numpy as np

from studium.learning.memory import fsrs6
from studium.learning.memory.fsrs6 import Floats, Ints
from studium.learning.memory.log import Log

USUAL_SECONDS = 9.0
USUAL_FIRST_SECONDS = 20.0
USUAL_FIRST = (0.25, 0.1, 0.55, 0.1)
USUAL_RECALLED = (0.12, 0.78, 0.1)
USUAL_SAME_DAY = 0.9
WEIGHT = 20
"""What is usual counts as so many of the learner's own answers."""
LONGEST_SECONDS = 60.0
"""Who takes longer has left the card lying."""


@dataclass(frozen=True)
class Habits:
    """What a plan has to know of how a learner answers."""

    seconds: float = USUAL_SECONDS
    first_seconds: float = USUAL_FIRST_SECONDS
    first: tuple[float, ...] = USUAL_FIRST
    """How often a new card is met with again, hard, good, easy."""
    recalled: tuple[float, ...] = USUAL_RECALLED
    """How often a card that was known is said to be hard, good, easy."""
    same_day: float = USUAL_SAME_DAY
    """How often a card is known that was seen on the same day before."""

    @property
    def review_minutes(self) -> float:
        """A card that comes back, with its repeats where it was forgotten."""
        return self.seconds * 1.15 / 60

    @property
    def new_minutes(self) -> float:
        """A new card on its first day: it is asked again after some minutes, and after each time it was not known."""
        again, hard, _, easy = self.first
        return (self.first_seconds + self.seconds * (1 + again + hard / 2 - easy) / self.same_day) / 60


def learn(log: Log, seconds: Floats) -> Habits:
    """The habits that show in a log.

    Args:
        log: the learner's reviews.
        seconds: how long each took; not a number where nobody measured.
    """
    is_first = log.positions == 0
    same_day = ~is_first & (log.days < 1)
    later = log.is_tested & log.is_recalled
    return Habits(
        seconds=_mean(seconds[~is_first], USUAL_SECONDS),
        first_seconds=_mean(seconds[is_first], USUAL_FIRST_SECONDS),
        first=_shares(log.ratings[is_first], fsrs6.AGAIN, USUAL_FIRST),
        recalled=_shares(log.ratings[later], fsrs6.HARD, USUAL_RECALLED),
        same_day=(log.is_recalled[same_day].sum() + USUAL_SAME_DAY * WEIGHT) / (same_day.sum() + WEIGHT),
    )


def _mean(seconds: Floats, usual: float) -> float:
    known = np.minimum(seconds[~np.isnan(seconds)], LONGEST_SECONDS)
    return float((known.sum() + usual * WEIGHT) / (len(known) + WEIGHT))


def _shares(ratings: Ints, lowest: int, usual: tuple[float, ...]) -> tuple[float, ...]:
    counts = np.bincount(ratings - lowest, minlength=len(usual)) + np.array(usual) * WEIGHT
    return tuple(float(share) for share in counts / counts.sum())
