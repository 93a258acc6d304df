"""Levels: how far the points of all time have brought somebody. Each takes 50 points more than the one before."""

from dataclasses import dataclass
from math import isqrt

STEP = 50


@dataclass(frozen=True)
class Level:
    """A level, the points it begins at, and those the next begins at."""

    number: int
    begins_at: int
    next_at: int


def begins_at(number: int) -> int:
    """The points level `number` begins at: 0, 50, 150, 300, 500, ..."""
    return STEP * number * (number - 1) // 2


def level_of(xp: int) -> Level:
    """The level of so many points; in whole numbers alone, so that the edges are exact."""
    number = (1 + isqrt(1 + 8 * max(xp, 0) // STEP)) // 2
    return Level(number, begins_at(number), begins_at(number + 1))
