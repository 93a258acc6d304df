"""Learners who are simulated: how they forget, how they answer, and the days they live through.

They remember by models of their own. A study plan or a fit sees their answers, as it would a person's, and never these
models; `PowerLaw` and `HalfLife` share nothing with FSRS but that what is not repeated is forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from fsrs.scheduler import LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS
from numpy.typing import NDArray

from studium.learning.memory import fsrs6
from studium.learning.memory.fsrs6 import DEFAULTS, Parameters
from studium.learning.memory.log import DAY, Log

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
LATER = 600.0
"""Seconds by which somebody begins later than the day before, so that a day lies between two days' answers."""


class Memory(Protocol):
    """What a learner remembers; moments are days."""

    def likely(self, cards: Places, moment: float) -> Floats:
        """How likely cards that were seen are known."""
        ...

    def met(self, cards: Places, moment: float, ratings: Places) -> None:
        """Cards are seen for the first time."""
        ...

    def answered(self, cards: Places, moment: float, ratings: Places) -> None:
        """Cards were asked again."""
        ...


class HalfLife:
    """Forgetting by half-lives: a card's grows with what it cost to remember it, each card in its own way."""

    def __init__(self, cards: int, chance: np.random.Generator) -> None:
        self.half = chance.lognormal(np.log(chance.uniform(1.5, 5)), 0.6, cards)
        self.growth = chance.lognormal(np.log(chance.uniform(6, 20)), 0.4, cards)
        self.loss = chance.uniform(0.2, 0.5)
        self.last = np.zeros(cards)

    def likely(self, cards: Places, moment: float) -> Floats:
        return 0.5 ** ((moment - self.last[cards]) / self.half[cards])

    def met(self, cards: Places, moment: float, ratings: Places) -> None:
        self.half[cards] *= np.array([0.5, 0.8, 1.1, 2.5])[ratings - 1]
        self.last[cards] = moment

    def answered(self, cards: Places, moment: float, ratings: Places) -> None:
        effort = 1 - self.likely(cards, moment)
        grown = self.half[cards] * (1 + self.growth[cards] * effort)
        self.half[cards] = np.where(ratings > 1, grown, np.maximum(0.7, self.half[cards] * self.loss))
        self.last[cards] = moment


class PowerLaw:
    """Traces that decay by powers of time, faster those laid down while a card was still fresh (after ACT-R)."""

    SLOWER = 0.025
    """Between sessions time counts less than within them."""

    def __init__(self, cards: int, chance: np.random.Generator) -> None:
        self.threshold = chance.normal(chance.normal(-1.05, 0.15), 0.2, cards)
        self.decay, self.steep = chance.uniform(0.15, 0.2), chance.uniform(0.18, 0.25)
        self.noise = chance.uniform(0.2, 0.3)
        self.laid = np.zeros((cards, 400))
        self.decays = np.zeros((cards, 400))
        self.count = np.zeros(cards, dtype=int)

    def _strength(self, cards: Places, moment: float) -> Floats:
        laid = self.count[cards].max(initial=0)
        ages = np.maximum((moment - self.laid[cards, :laid]) * DAY, 60) * self.SLOWER
        traces = ages ** -self.decays[cards, :laid] * (np.arange(laid) < self.count[cards][:, None])
        return np.log(traces.sum(axis=1))

    def likely(self, cards: Places, moment: float) -> Floats:
        return 1 / (1 + np.exp((self.threshold[cards] - self._strength(cards, moment)) / self.noise))

    def _lay(self, cards: Places, moment: float, decays: Floats) -> None:
        self.decays[cards, self.count[cards]] = decays
        self.laid[cards, self.count[cards]] = moment
        self.count[cards] += 1

    def met(self, cards: Places, moment: float, ratings: Places) -> None:
        self.threshold[cards] -= np.array([-0.1, 0, 0.05, 0.3])[ratings - 1]
        self._lay(cards, moment, np.full(len(cards), self.decay))

    def answered(self, cards: Places, moment: float, ratings: Places) -> None:
        self._lay(cards, moment, self.steep * np.exp(self._strength(cards, moment)) + self.decay)


class Fsrs:
    """Forgetting as FSRS has it, by parameters of the learner's own, and cards that are better or worse than that."""

    def __init__(self, cards: int, chance: np.random.Generator, parameters: Parameters, spread: float = 0.0) -> None:
        self.parameters = parameters
        self.easier = chance.lognormal(0, spread, cards)
        self.stability, self.difficulty, self.last = np.ones(cards), np.ones(cards), np.zeros(cards)

    def likely(self, cards: Places, moment: float) -> Floats:
        days = np.floor(moment - self.last[cards] + 1e-9)
        return fsrs6.recall(self.parameters, self.stability[cards] * self.easier[cards], days)

    def met(self, cards: Places, moment: float, ratings: Places) -> None:
        self.stability[cards], self.difficulty[cards] = fsrs6.first(self.parameters, ratings)
        self.last[cards] = moment

    def answered(self, cards: Places, moment: float, ratings: Places) -> None:
        days = np.floor(moment - self.last[cards] + 1e-9).astype(int)
        self.stability[cards], self.difficulty[cards] = fsrs6.after(
            self.parameters, self.stability[cards], self.difficulty[cards], days, ratings
        )
        self.last[cards] = moment


def other_parameters(chance: np.random.Generator, spread: float = 0.25) -> Parameters:
    """Parameters of a learner who differs from the usual in all of them."""
    drawn = np.array(DEFAULTS) * chance.lognormal(0, spread, len(DEFAULTS))
    drawn[:4] = np.sort(drawn[:4])
    drawn[20] = chance.uniform(0.1, 0.5)
    bounds = np.array(LOWER_BOUNDS_PARAMETERS), np.array(UPPER_BOUNDS_PARAMETERS)
    return tuple(float(value) for value in np.clip(drawn, *bounds))


@dataclass
class Learner:
    """Somebody with cards, a memory, and an app that schedules by FSRS."""

    memory: Memory
    cards: int
    chance: np.random.Generator
    parameters: Parameters = DEFAULTS
    desired_retention: float = 0.9
    seconds: float = 8.0
    answers: list[tuple[Places, Floats, Places, Floats]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stability, self.difficulty = np.ones(self.cards), np.full(self.cards, 5.0)
        self.last, self.due = np.zeros(self.cards, dtype=int), np.zeros(self.cards, dtype=int)
        self.seen = np.zeros(self.cards, dtype=bool)
        self.first = self.chance.dirichlet([8, 3, 18, 3])

    def session(self, chosen: Places, day: int) -> None:
        """Answer cards as the app asks them: steps of one and ten minutes for new ones, of ten for forgotten ones."""
        new, known = chosen[~self.seen[chosen]], chosen[self.seen[chosen]]
        ratings = self.chance.choice(4, len(new), p=self.first) + 1
        self.stability[new], self.difficulty[new] = fsrs6.first(self.parameters, ratings)
        self.memory.met(new, self._now(day, 0), ratings)
        self._keep(new, day, 0, ratings)
        pressed = self._press(known, day, 0)
        self._scheduled(known, day - self.last[known], pressed)
        waiting = np.concatenate([new[ratings < 4], known[pressed == 1]])
        left = np.concatenate([np.where(ratings[ratings < 4] == 3, 1, 2), np.ones((pressed == 1).sum(), dtype=int)])
        steps = np.where(self.seen[waiting], 1, 2)
        for minute in range(1, 8):
            again = self._press(waiting, day, minute)
            self._scheduled(waiting, np.zeros(len(waiting), dtype=int), again)
            left = np.where(again == 1, steps, np.where(again == 2, left, np.where(again == 3, left - 1, 0)))
            waiting, steps, left = waiting[left > 0], steps[left > 0], left[left > 0]
        self.last[chosen], self.seen[chosen] = day, True
        wait = fsrs6.interval(self.parameters, self.stability[chosen], self.desired_retention)
        self.due[chosen] = day + wait.astype(int)

    def study(self, days: int, new_per_day: int, start: int = 0) -> None:
        """Live through days, answering what is due and meeting new cards."""
        for day in range(start, start + days):
            due = np.flatnonzero(self.seen & (self.due <= day))
            self.session(np.concatenate([due, np.flatnonzero(~self.seen)[:new_per_day]]), day)

    def log(self) -> Log:
        """All answers so far."""
        cards, moments, ratings, _ = (np.concatenate(part) for part in zip(*self.answers, strict=True))
        order = np.lexsort((moments, cards))
        return Log.from_arrays(cards[order], moments[order], ratings[order])

    def times(self) -> Floats:
        """How long each answer took, in the order of the log."""
        cards, moments, _, seconds = (np.concatenate(part) for part in zip(*self.answers, strict=True))
        return seconds[np.lexsort((moments, cards))]

    def knows(self, day: int) -> float:
        """Ask every card once: the share that is known; what was never met is not."""
        met = np.flatnonzero(self.seen)
        return float((self.chance.random(len(met)) < self.memory.likely(met, self._now(day, 0))).sum() / self.cards)

    @staticmethod
    def _now(day: int, minute: int) -> float:
        return day + (day * LATER + minute * 60) / DAY

    def _press(self, cards: Places, day: int, minute: int) -> Places:
        likely = self.memory.likely(cards, self._now(day, minute))
        is_known = self.chance.random(len(cards)) < likely
        mood = self.chance.random(len(cards))
        hard, easy = 0.08 + 0.4 * (1 - likely), 0.05 + 0.1 * (likely > 0.97) * (minute == 0)
        ratings = np.where(is_known, np.where(mood < hard, 2, np.where(mood > 1 - easy, 4, 3)), 1)
        self.memory.answered(cards, self._now(day, minute), ratings)
        self._keep(cards, day, minute, ratings)
        return ratings

    def _scheduled(self, cards: Places, days: Places, ratings: Places) -> None:
        self.stability[cards], self.difficulty[cards] = fsrs6.after(
            self.parameters, self.stability[cards], self.difficulty[cards], days, ratings
        )

    def _keep(self, cards: Places, day: int, minute: int, ratings: Places) -> None:
        seconds = self.chance.lognormal(np.log(self.seconds), 0.5, len(cards))
        self.answers.append((cards, np.full(len(cards), self._now(day, minute) * DAY), ratings, seconds))


KINDS: dict[str, Callable[[int, np.random.Generator], Memory]] = {
    "half-lives": HalfLife,
    "power laws": PowerLaw,
    "another FSRS, cards of their own": lambda cards, chance: Fsrs(cards, chance, other_parameters(chance), 0.4),
}
