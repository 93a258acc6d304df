"""Which question comes next: on the weakest topic, near the learner's level, none too soon again. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import numpy as np

from studium.learning.practice.ability import REPEATED, Ability, Asked, foretold

LEAST, MOST = 0.60, 0.85
"""How likely a right answer should be: easier teaches little, harder discourages."""
LEAST_AT_FIRST = 0.45
"""While the level is not found: there harder questions tell more."""
FOUND = 0.65
"""A topic's level is found when its standard deviation is below this; before, the topic least known comes first."""
DOUBT = 1.0
"""Then the weakest does. A topic counts as weak as it may be, by this many standard deviations."""
SLACK = 0.01
CLOSE = 0.05
"""Questions that tell this share less than the best one are as good: chance decides, so that not all get the same."""
FIRST_WAIT = timedelta(days=1)
RIGHT_WAIT = timedelta(days=4)
LONGEST_WAIT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Item:
    """A question that may be asked."""

    question_id: UUID
    topic: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a question that was answered: the last time, and how often in a row it was right."""

    answered_at: datetime
    right_in_a_row: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The next question, and why this one."""

    item: Item
    p_correct: float
    is_level_known: bool
    """Then its topic is the weakest; else it is the one of which least is known."""


def rests_until(given: Given) -> datetime:
    """When a question may come again: a day after a wrong answer, ever later after right ones."""
    if given.right_in_a_row == 0:
        return given.answered_at + FIRST_WAIT
    wait: timedelta = RIGHT_WAIT * 2 ** min(given.right_in_a_row - 1, 10)
    return given.answered_at + min(wait, LONGEST_WAIT)


def rested(items: Sequence[Item], given: Mapping[UUID, Given], moment: datetime) -> list[Item]:
    """Those that may be asked now."""
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    return [one for one in items if one.question_id not in given or rests_until(given[one.question_id]) <= moment]


def choose(ability: Ability, items: Sequence[Item], chooser: Random, fresh: frozenset[UUID]) -> Choice | None:
    """The next question of those that may be asked now; None without any.

    Args:
        ability: what is known of the learner.
        items: what may be asked.
        chooser: decides between questions that are as good.
        fresh: questions the learner never answered, which tell more than others.
    """
    topics = {one.topic for one in items}
    if not topics:
        return None
    topic = _next_topic(ability, topics)
    known, mine = ability.of(topic), [one for one in items if one.topic == topic]
    least = LEAST if known.spread < FOUND else LEAST_AT_FIRST
    chances, telling = foretold(known, [one.asked for one in mine])
    off = np.maximum(np.maximum(least - chances, chances - MOST), 0)
    at_level = off <= off.min() + SLACK
    worth = np.where(at_level, telling * np.array([1 if one.question_id in fresh else REPEATED for one in mine]), 0)
    good = np.flatnonzero(worth >= worth.max() * (1 - CLOSE))
    place = int(chooser.choice(sorted(good, key=lambda one: mine[one].question_id)))
    return Choice(mine[place], float(chances[place]), known.spread < FOUND)


def _next_topic(ability: Ability, topics: Iterable[str]) -> str:
    known = {topic: ability.of(topic) for topic in sorted(topics)}
    unknown = {topic: guess for topic, guess in known.items() if guess.spread >= FOUND}
    if unknown:
        return max(unknown, key=lambda topic: unknown[topic].spread)
    return min(known, key=lambda topic: known[topic].mean - DOUBT * known[topic].spread)
