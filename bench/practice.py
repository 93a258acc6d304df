"""Adaptive practice beside questions drawn at random, with simulated learners: `python bench/practice.py`.

Abilities differ by topic, questions by how hard they are, how much they tell, and luck as their types have it. How hard
a question is, is known only from simulated attempts in Moodle, fitted as the pipeline fits them. Both ways of choosing
use the same estimate; what differs is which question comes next. `python bench/practice.py 1000`: so many learners
instead of 300, which take some four minutes.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from studium.learning.practice.ability import UNKNOWN, Answered, Asked, begin, moved
from studium.learning.practice.choosing import LEAST, MOST, Item, choose
from studium.learning.practice.starting import FirstAnswer, started

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LUCK = (0.5, 0.25, 0.25, 0.2, 0.0, 0.0, 0.0)
"""True or false, choices, typed: in the proportions of CVS201's and PHA203's banks."""
SHARPNESS_SPREAD = 0.4
ANSWERS = 20
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """What the learners and the questions are like."""

    name: str
    topics: int = 4
    questions: int = 40
    """A topic."""
    hard: float = -0.7
    hard_spread: float = 1.2
    together: float = 0.84
    """Spread of what learners can altogether, and of what a topic adds."""
    apart: float = 0.7
    in_moodle: int = 40
    """People who answered each question there; 0: nobody knows how hard any is."""


WORLDS = (
    World("4 topics, as hard as in the two courses"),
    World("4 topics, questions of all levels", hard_spread=1.6),
    World("1 topic, questions of all levels", topics=1, questions=80, hard_spread=1.6, together=1.0, apart=0.0),
    World("8 topics, 15 questions each", topics=8, questions=15),
    World("4 topics, nothing known of the questions", in_moodle=0),
    World("4 topics, too easy on the whole", hard=-1.7),
    World("4 topics, 200 people answered in Moodle", in_moodle=200),
)


@dataclass(frozen=True)
class Bank:
    """Questions as they are, and as they are known."""

    items: list[Item]
    hard: dict[UUID, float]
    sharp: dict[UUID, float]

    def chance(self, ability: float, item: Item) -> float:
        """How likely somebody is to be right, in truth."""
        known = 1 / (1 + np.exp(-self.sharp[item.question_id] * (ability - self.hard[item.question_id])))
        return float(item.asked.luck + (1 - item.asked.luck) * known)


def bank(world: World, rng: np.random.Generator) -> Bank:
    """Questions, and what simulated attempts in Moodle tell of them."""
    number = world.topics * world.questions
    ids = [UUID(int=n + 1) for n in range(number)]
    hard = rng.normal(world.hard, world.hard_spread, number)
    sharp = np.exp(rng.normal(0, SHARPNESS_SPREAD, number))
    luck = rng.choice(LUCK, number)
    known = _from_moodle(world, rng, hard, sharp, luck)
    items = [Item(ids[n], str(n % world.topics), known[n]) for n in range(number)]
    return Bank(items, dict(zip(ids, hard, strict=True)), dict(zip(ids, sharp, strict=True)))


def _from_moodle(world: World, rng: np.random.Generator, hard: Numbers, sharp: Numbers, luck: Numbers) -> list[Asked]:
    people = _learners(world, rng, world.in_moodle)
    right = rng.random((len(people), len(hard))) < luck + (1 - luck) / (
        1 + np.exp(-sharp * (people[:, np.arange(len(hard)) % world.topics] - hard))
    )
    firsts = [
        FirstAnswer(str(person), str(place), float(right[person, place]))
        for person in range(len(people))
        for place in range(len(hard))
    ]
    known = started(firsts, {str(place): float(one) for place, one in enumerate(luck)})
    return [
        known[str(place)].asked if str(place) in known else Asked(UNKNOWN, float(luck[place]))
        for place in range(len(hard))
    ]


def _learners(world: World, rng: np.random.Generator, number: int) -> Numbers:
    return rng.normal(0, world.together, (number, 1)) + rng.normal(0, world.apart, (number, world.topics))


@dataclass(frozen=True)
class Run:
    """What became of one learner's answers."""

    error: float
    """Squared, mean over topics."""
    course_error: float
    """Squared, of the mean over topics."""
    chances: Numbers
    right: float


def practise(known: Bank, truth: Numbers, rng: np.random.Generator, is_adaptive: bool, answers: int = ANSWERS) -> Run:
    """One learner answers so many questions."""
    ability, left = begin([str(topic) for topic in range(len(truth))]), {one.question_id: one for one in known.items}
    chooser, chances, right = Random(int(rng.integers(2**32))), [], 0
    for number in range(answers):
        if is_adaptive:
            choice = choose(ability, list(left.values()), chooser, frozenset(left))
            assert choice is not None
            item = choice.item
        else:
            item = chooser.choice(list(left.values()))
        del left[item.question_id]
        chance = known.chance(float(truth[int(item.topic)]), item)
        is_right = rng.random() < chance
        chances.append(chance)
        right += is_right
        answer = Answered(item.topic, item.asked, float(is_right))
        ability, _ = moved(ability, answer, NOW + timedelta(minutes=number))
    off = ability.mean - truth
    return Run(float((off**2).mean()), float(off.mean() ** 2), np.array(chances), right / answers)


def ratio(
    adaptive: Sequence[float], at_random: Sequence[float], rng: np.random.Generator
) -> tuple[float, float, float]:
    """Root mean squared errors, one by the other, with a 95 % range by drawing learners again."""
    pairs = np.array([adaptive, at_random])
    drawn = pairs[:, rng.integers(0, pairs.shape[1], (2000, pairs.shape[1]))].mean(axis=2)
    low, high = np.percentile(np.sqrt(drawn[0] / drawn[1]), [2.5, 97.5])
    middle = float(np.sqrt(pairs[0].mean() / pairs[1].mean()))
    return middle, float(low), float(high)


def compared(world: World, learners: int, seed: int) -> tuple[list[Run], list[Run]]:
    """The same learners, each with a bank of their own, adaptively and at random."""
    rng = np.random.default_rng(seed)
    runs: tuple[list[Run], list[Run]] = ([], [])
    for _ in range(learners):
        known, [truth] = bank(world, rng), _learners(world, rng, 1)
        for place, is_adaptive in enumerate((True, False)):
            runs[place].append(practise(known, truth, rng, is_adaptive))
    return runs


def main() -> None:
    learners = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    table = Table(
        "world", "error by topic, random", "adaptive", "ratio (95 %)", "of the course, ratio (95 %)",
        "right, random", "adaptive", f"questions at {LEAST:.0%} to {MOST:.0%}, random", "adaptive",
        title=f"{ANSWERS} answers each of {learners} learners",
    )  # fmt: skip
    rng = np.random.default_rng(7)
    for seed, world in enumerate(WORLDS):
        runs = compared(world, learners, seed)
        by_topic, altogether = (
            ratio(*([getattr(run, name) for run in one] for one in runs), rng) for name in ("error", "course_error")
        )
        errors = [float(np.sqrt(np.mean([run.error for run in one]))) for one in runs]
        right = [float(np.mean([run.right for run in one])) for one in runs]
        at_level = [
            float(np.mean([((run.chances >= LEAST) & (run.chances <= MOST)).mean() for run in one])) for one in runs
        ]
        table.add_row(
            world.name, f"{errors[1]:.3f}", f"{errors[0]:.3f}", "{:.3f} ({:.3f} to {:.3f})".format(*by_topic),
            "{:.3f} ({:.3f} to {:.3f})".format(*altogether), f"{right[1]:.0%}", f"{right[0]:.0%}",
            f"{at_level[1]:.0%}", f"{at_level[0]:.0%}",
        )  # fmt: skip
    Console(width=180).print(table)


if __name__ == "__main__":
    main()
