"""FSRS-6 over whole arrays: what `fsrs` works out for one card at a time, for thousands at once.

The scheduler of record is `fsrs` (`studium.learning.scheduling`). A plan steps through half a million states a day and
a fit weighs every review ever made, which one card at a time would take minutes; the tests hold both to the same
figures. Days here are whole days, as the scheduler counts them: a review within a day of the one before is of the
same day.
"""

import numpy as np
from fsrs.scheduler import DEFAULT_PARAMETERS, STABILITY_MIN
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Parameters = tuple[float, ...]

DEFAULTS: Parameters = tuple(DEFAULT_PARAMETERS)
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
LONGEST = 36500


def recall(parameters: Parameters, stability: Floats, days: Floats | Ints | float) -> Floats:
    """How likely a card is remembered so many days after it was last seen."""
    decay = -parameters[20]
    factor = 0.9 ** (1 / decay) - 1
    likely: Floats = (1 + factor * np.maximum(days, 0) / stability) ** decay
    return likely


def interval(parameters: Parameters, stability: Floats, desired_retention: float) -> Floats:
    """Whole days until a card is remembered no better than is desired."""
    decay = -parameters[20]
    factor = 0.9 ** (1 / decay) - 1
    days: Floats = np.clip(np.round(stability / factor * (desired_retention ** (1 / decay) - 1)), 1, LONGEST)
    return days


def first(parameters: Parameters, ratings: Ints) -> tuple[Floats, Floats]:
    """Stability and difficulty after the first review."""
    stability = np.maximum(np.asarray(parameters[:4])[ratings - 1], STABILITY_MIN)
    return stability, np.clip(_first_difficulty(parameters, ratings), 1, 10)


def after(
    parameters: Parameters, stability: Floats, difficulty: Floats, days: Floats | Ints, ratings: Ints
) -> tuple[Floats, Floats]:
    """Stability and difficulty after one more review, so many days after the one before."""
    same_day = _of_same_day(parameters, stability, ratings)
    likely = recall(parameters, stability, days)
    failed = _forgotten(parameters, stability, difficulty, likely)
    passed = _remembered(parameters, stability, difficulty, likely, ratings)
    later = np.where(ratings == AGAIN, failed, passed)
    return np.maximum(np.where(days < 1, same_day, later), STABILITY_MIN), _difficulty(parameters, difficulty, ratings)


def _first_difficulty(parameters: Parameters, ratings: Ints) -> Floats:
    difficulty: Floats = parameters[4] - np.exp(parameters[5] * (ratings - 1)) + 1
    return difficulty


def _difficulty(parameters: Parameters, difficulty: Floats, ratings: Ints) -> Floats:
    easiest = _first_difficulty(parameters, np.array(EASY))
    moved = difficulty - parameters[6] * (ratings - 3) * (10 - difficulty) / 9
    return np.clip(parameters[7] * easiest + (1 - parameters[7]) * moved, 1, 10)


def _of_same_day(parameters: Parameters, stability: Floats, ratings: Ints) -> Floats:
    grown = np.exp(parameters[17] * (ratings - 3 + parameters[18])) * stability ** -parameters[19]
    longer: Floats = stability * np.where(ratings >= HARD, np.maximum(grown, 1), grown)
    return longer


def _forgotten(parameters: Parameters, stability: Floats, difficulty: Floats, likely: Floats) -> Floats:
    long_term = (
        parameters[11]
        * difficulty ** -parameters[12]
        * ((stability + 1) ** parameters[13] - 1)
        * np.exp((1 - likely) * parameters[14])
    )
    shorter: Floats = np.minimum(long_term, stability / np.exp(parameters[17] * parameters[18]))
    return shorter


def _remembered(parameters: Parameters, stability: Floats, difficulty: Floats, likely: Floats, ratings: Ints) -> Floats:
    growth = (
        np.exp(parameters[8])
        * (11 - difficulty)
        * stability ** -parameters[9]
        * (np.exp((1 - likely) * parameters[10]) - 1)
        * np.where(ratings == HARD, parameters[15], 1)
        * np.where(ratings == EASY, parameters[16], 1)
    )
    longer: Floats = stability * (1 + growth)
    return longer
