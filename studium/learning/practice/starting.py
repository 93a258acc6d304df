"""How hard questions are, and how much their answers tell, from everybody's first answers to them in Moodle. Pure.

Two-parameter logistic items with a known chance of luck, by marginal maximum likelihood with priors (Bock and Aitkin,
1981): who answered is summed over, so that many answers of few people do not count as many people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studium.learning.practice.ability import OWN, SHARED, UNKNOWN, Asked, Guess

Vector = NDArray[np.float64]
SHARPNESS_SPREAD = 0.4
"""Of the logarithm: most questions tell between two thirds and one and a half times as much as the middle one."""
ROUNDS = 40
LARGEST_STEP = 0.5
_NODES = np.linspace(-4, 4, 33)
_PRIOR = np.exp(-(_NODES**2) / (2 * (SHARED + OWN)))


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What one person got for one question the first time."""

    person: str
    question: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Started:
    """Where a question begins."""

    asked: Asked
    answers: int


def started(answers: Sequence[FirstAnswer], luck: Mapping[str, float]) -> dict[str, Started]:
    """What is known of each question that was answered.

    Args:
        answers: one a person and question.
        luck: of each question, how likely it is right without knowing anything.
    """
    if not answers:
        return {}
    people = {name: place for place, name in enumerate(sorted({one.person for one in answers}))}
    names = sorted({one.question for one in answers})
    places = {name: place for place, name in enumerate(names)}
    right = np.zeros((len(people), len(names)))
    seen = np.zeros_like(right)
    for one in answers:
        right[people[one.person], places[one.question]] = one.fraction
        seen[people[one.person], places[one.question]] = 1
    hard, sharp, spread = _fitted(right, seen, np.array([luck.get(name, 0.0) for name in names]))
    return {
        name: Started(
            Asked(Guess(float(hard[n]), float(spread[n])), luck.get(name, 0.0), float(np.exp(sharp[n]))), int(count)
        )
        for n, (name, count) in enumerate(zip(names, seen.sum(axis=0), strict=True))
    }


def _fitted(right: Vector, seen: Vector, luck: Vector) -> tuple[Vector, Vector, Vector]:
    hard, sharp = np.full(luck.shape, UNKNOWN.mean), np.zeros(luck.shape)
    spread = np.full(luck.shape, UNKNOWN.spread)
    for _ in range(ROUNDS):
        chances = _chances(hard, sharp, luck)
        told = right @ np.log(chances).T + (seen - right) @ np.log1p(-chances).T
        weights = _PRIOR * np.exp(told - told.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        hard, sharp, spread = _improved(hard, sharp, luck, weights.T @ right, weights.T @ seen)
    return hard, sharp, spread


def _chances(hard: Vector, sharp: Vector, luck: Vector) -> Vector:
    known = 1 / (1 + np.exp(-np.exp(sharp) * (_NODES[:, None] - hard)))
    chances: Vector = np.clip(luck + (1 - luck) * known, 1e-6, 1 - 1e-6)
    return chances


def _improved(hard: Vector, sharp: Vector, luck: Vector, right: Vector, seen: Vector) -> tuple[Vector, Vector, Vector]:
    """A step of Fisher's scoring for both, and the standard deviation of the difficulty."""
    chances = _chances(hard, sharp, luck)
    known = (chances - luck) / (1 - luck)
    slope = (1 - luck) * known * (1 - known) * np.exp(sharp)
    by_hard, by_sharp = -slope, slope * (_NODES[:, None] - hard)
    weight = 1 / (chances * (1 - chances))
    off = (right - seen * chances) * weight
    pulls = np.stack([
        (off * by_hard).sum(axis=0) - (hard - UNKNOWN.mean) / UNKNOWN.spread**2,
        (off * by_sharp).sum(axis=0) - sharp / SHARPNESS_SPREAD**2,
    ])  # fmt: skip
    told = [(seen * weight * one * other).sum(axis=0) for one, other in
            ((by_hard, by_hard), (by_hard, by_sharp), (by_sharp, by_sharp))]  # fmt: skip
    first, cross, second = told[0] + UNKNOWN.spread**-2, told[1], told[2] + SHARPNESS_SPREAD**-2
    size = first * second - cross**2
    steps = np.clip([second * pulls[0] - cross * pulls[1], first * pulls[1] - cross * pulls[0]] / size,
                    -LARGEST_STEP, LARGEST_STEP)  # fmt: skip
    return hard + steps[0], sharp + steps[1], np.sqrt(second / size)
