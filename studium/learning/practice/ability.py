"""How able somebody is, topic by topic, and how hard a question is: two guesses that every answer moves at once. Pure.

Both are numbers on one scale (logits): a question as hard as somebody is able is known with even odds, one harder by 1
with odds of 1 to e. Each is a normal distribution; an answer moves both to the mean and the variance of what Bayes
makes of it, worked out on a grid. What somebody can in one topic says something of the others. How questions are
chosen is `choosing`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

SHARED, OWN = 0.7, 0.5
"""Variance of what people can altogether, and of what a topic adds. The 68 learners of CVS201 and PHA203 spread by 0.3
to 0.5 altogether, and they were all taught the same weeks; a wider guess is corrected by a few answers."""
UNKNOWN_DIFFICULTY, UNKNOWN_SPREAD = -0.7, 1.2
"""Of a question nobody has answered: quizzes of both courses are 70 % right."""
HINTED = {"easy": -1.5, "medium": -0.5, "hard": 0.7}
HINTED_SPREAD = 0.9
FORGETTING = 0.004
"""Variance a day adds, up to where somebody began: what was true of a learner a month ago is less so now."""
REPEATED = 0.5
"""What an answer tells that was given before: half of one to a new question, since it may be remembered."""
SURE_DIFFICULTY = 0.15
"""No question is known better than so, that it can still move."""
_GRID = np.linspace(-5, 5, 81)
_BELL = np.exp(-(_GRID**2) / 2)
_BELL /= _BELL.sum()


@dataclass(frozen=True, slots=True)
class Guess:
    """A number nobody knows exactly."""

    mean: float
    spread: float
    """Standard deviation."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question."""

    difficulty: Guess
    luck: float = 0.0
    """How likely it is to be right without knowing anything."""
    sharpness: float = 1.0
    """How much more often those who know it are right: 0 would tell nothing, 1 is as questions are on the whole."""


UNKNOWN = Guess(UNKNOWN_DIFFICULTY, UNKNOWN_SPREAD)


@dataclass(frozen=True)
class Ability:
    """What somebody can in each topic, with what one topic says of another."""

    topics: tuple[str, ...]
    mean: Vector
    covariance: Vector
    at: datetime | None = None
    """When the last answer was given."""

    def of(self, topic: str) -> Guess:
        """In one topic."""
        place = self.topics.index(topic)
        return Guess(float(self.mean[place]), float(np.sqrt(self.covariance[place, place])))


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as far as it tells of who gave it."""

    topic: str
    question: Asked
    fraction: float
    """The part of the mark, 0 to 1."""
    weight: float = 1.0


def begin(topics: Sequence[str]) -> Ability:
    """Somebody of whom nothing is known."""
    number = len(topics)
    return Ability(tuple(topics), np.zeros(number), np.full((number, number), SHARED) + OWN * np.eye(number))


def chance(ability: Guess, question: Asked) -> float:
    """How likely a right answer is, with all that is not known of both."""
    return float(foretold(ability, [question])[0][0])


def foretold(ability: Guess, questions: Sequence[Asked]) -> tuple[Vector, Vector]:
    """Of each question how likely a right answer is, and by which share its answer should lessen what is not known.

    Both with all that is not known of ability and difficulty.
    """
    mean = np.array([ability.mean - one.difficulty.mean for one in questions])
    variance = np.array([ability.spread**2 + one.difficulty.spread**2 for one in questions])
    luck, sharpness = (np.array(one)[:, None] for one in zip(*((q.luck, q.sharpness) for q in questions), strict=True))
    right = luck + (1 - luck) * _known(sharpness * (mean[:, None] + np.sqrt(variance)[:, None] * _GRID))
    chances = right @ _BELL
    left = chances * _left(right * _BELL) + (1 - chances) * _left((1 - right) * _BELL)
    return chances, ability.spread**2 / variance * (1 - left)


def moved(ability: Ability, answer: Answered, moment: datetime) -> tuple[Ability, Guess]:
    """Both guesses after an answer.

    The difficulty is the new guess for everybody; whether it is kept is the caller's to say.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    ability = _rested(ability, moment)
    place, hard = ability.topics.index(answer.topic), answer.question.difficulty
    shared = ability.covariance[:, place]
    variance = float(shared[place]) + hard.spread**2
    shift, shrink = _bayes(float(ability.mean[place]) - hard.mean, variance, answer)
    mean = ability.mean + shared * shift
    covariance = ability.covariance - np.outer(shared, shared) * shrink
    left = hard.spread**2 * (1 - hard.spread**2 * shrink)
    difficulty = Guess(hard.mean - hard.spread**2 * shift, max(float(np.sqrt(left)), min(SURE_DIFFICULTY, hard.spread)))
    return Ability(ability.topics, mean, covariance, moment), difficulty


def rebased(now: Guess, start: Guess, new_start: Guess) -> Guess:
    """A guess that began at `start` and is `now`, as if it had begun at `new_start`: what was seen meanwhile stays."""
    seen = max(1 / now.spread**2 - 1 / start.spread**2, 0.0)
    if not seen:
        return new_start
    told = (now.mean / now.spread**2 - start.mean / start.spread**2) / seen
    whole = seen + 1 / new_start.spread**2
    return Guess((told * seen + new_start.mean / new_start.spread**2) / whole, float(whole**-0.5))


def _rested(ability: Ability, moment: datetime) -> Ability:
    if ability.at is None or moment <= ability.at:
        return ability
    days = (moment - ability.at).total_seconds() / 86_400
    room = np.clip(SHARED + OWN - np.diag(ability.covariance), 0, FORGETTING * days)
    return Ability(ability.topics, ability.mean, ability.covariance + np.diag(room), ability.at)


def _bayes(mean: float, variance: float, answer: Answered) -> tuple[float, float]:
    """How far the difference of ability and difficulty moves, and its variance shrinks, both per unit of variance."""
    spread = variance**0.5
    luck, sharpness = answer.question.luck, answer.question.sharpness
    right = luck + (1 - luck) * _known(sharpness * (mean + spread * _GRID))
    told = answer.fraction * np.log(right) + (1 - answer.fraction) * np.log1p(-right)
    weights = _BELL * np.exp(answer.weight * (told - told.max()))
    middle = float(weights @ _GRID / weights.sum())
    return middle / spread, max(1 - float(_left(weights)), 0.0) / variance


def _left(weights: Vector) -> Vector:
    """Of a variance of 1, what is left when the grid's points have these weights."""
    whole = weights.sum(axis=-1)
    left: Vector = weights @ _GRID**2 / whole - (weights @ _GRID / whole) ** 2
    return left


def _known(difference: Vector) -> Vector:
    known: Vector = 1 / (1 + np.exp(-difference))
    return np.clip(known, 1e-9, 1 - 1e-9)
