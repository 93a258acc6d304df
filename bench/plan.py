"""Does what a plan promises come true? `python bench/plan.py [learners] [seed]`.

Each learner remembers by a model that is not the planner's (`tests/memory_world.py`), has studied for some weeks, is
given a plan to an exam, follows it day by day, and is then asked every card once. The plan is made as for a person: of
the answers alone, with parameters fitted where they proved better.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.report import console, judged, show, table
from studium.learning.memory import fsrs6
from studium.learning.memory.fsrs6 import DEFAULTS
from studium.learning.memory.log import Log, Replay, replay
from studium.learning.memory.promotion import try_fit
from studium.learning.plan import habits, recall
from studium.learning.plan.choosing import Cards, Terms, choose
from studium.learning.plan.plan import lives_for
from studium.learning.plan.simulate import simulate
from tests.memory_world import KINDS, Learner

LEARNERS, SEED = 500, 20261123
INSIDE, WIDEST = 0.9, 0.10


@dataclass(frozen=True)
class Outcome:
    """What was promised to one learner, and what came."""

    kind: str
    expected: float
    low: float
    high: float
    known: float
    alone: float
    """What FSRS by itself held likely on the morning of the exam."""
    seconds: float

    @property
    def is_inside(self) -> bool:
        """Whether it came as promised."""
        return self.low <= self.known <= self.high

    @property
    def is_kept(self) -> bool:
        """Whether it came as promised, and the promise said something: its range was narrow."""
        return self.is_inside and self.width <= WIDEST + 1e-9

    @property
    def width(self) -> float:
        """Of the range."""
        return self.high - self.low


def cards_of(learner: Learner, today: int, past: recall.Past) -> Cards:
    """What the app holds of the learner's cards, days counted from today."""
    rows = (learner.stability, learner.difficulty, learner.last - today, learner.due - today, learner.seen)
    stability, difficulty, last, due, seen = (np.array([row]) for row in rows)
    return Cards(stability, difficulty, last, due, seen, past)


def studied(kind: str, chance: np.random.Generator) -> tuple[Learner, int]:
    """Somebody with two to four months behind them, and most cards of the course met."""
    count, past = int(chance.integers(250, 401)), int(chance.integers(60, 121))
    learner = Learner(KINDS[kind](count, chance), count, chance)
    learner.study(past, int(np.ceil(count * chance.uniform(0.7, 1.0) / past)))
    return learner, past


def past_of(learner: Learner, log: Log, known: Replay) -> recall.Past:
    """What each card's reviews tell."""
    found = recall.past_of(log, known, after=True)
    parts = np.zeros((3, 1, learner.cards))
    for mine, theirs in zip(parts, (found.better, found.weight, found.tested), strict=True):
        mine[0, log.cards[log.lasts]] = theirs[log.lasts]
    return recall.Past(*parts)


def live(kind: str, chance: np.random.Generator) -> Outcome:
    """One learner, from the first card to the exam."""
    learner, past = studied(kind, chance)
    log = learner.log()
    trial = try_fit(log, DEFAULTS, chance)
    if trial.verdict == "promoted" and trial.parameters:
        learner.parameters = trial.parameters
    known = replay(log, learner.parameters)
    ends = log.lasts
    learner.stability[log.cards[ends]], learner.difficulty[log.cards[ends]] = (
        known.stability[ends],
        known.difficulty[ends],
    )

    own, ahead = habits.learn(log, learner.times()), int(chance.integers(14, 46))
    minutes = np.full(ahead, chance.uniform(8, 25))
    terms = Terms(ahead, minutes, 20, 0.9, own.review_minutes, own.new_minutes)
    told = past_of(learner, log, known)
    started = time.perf_counter()
    cards, correction = cards_of(learner, past, told), recall.learn(log, known)
    lives = simulate(cards, terms, learner.parameters, own, correction, lives=lives_for(learner.cards), chance=chance)
    found = recall.range_of(lives.on_the_day, chance)
    seconds = time.perf_counter() - started
    for day in range(ahead):
        learner.session(choose(cards_of(learner, past, told), day, terms, learner.parameters), past + day)
    alone = fsrs6.recall(learner.parameters, learner.stability, past + ahead - learner.last)
    likely = float(np.where(learner.seen, alone, 0).mean())
    return Outcome(kind, found.mean, found.low, found.high, learner.knows(past + ahead), likely, seconds)


def row(name: str, outcomes: list[Outcome], *, is_whole: bool = False) -> tuple[str, ...]:
    """The figures of some learners."""
    inside = float(np.mean([one.is_inside for one in outcomes]))
    kept = float(np.mean([one.is_kept for one in outcomes]))
    widths = np.array([one.width for one in outcomes])
    off = np.array([one.known - one.expected for one in outcomes])
    return (
        name,
        str(len(outcomes)),
        f"{inside:.3f}",
        judged(kept, ".3f", at_least=INSIDE) if is_whole else f"{kept:.3f}",
        f"{widths.mean():.3f}",
        f"{(widths <= WIDEST + 1e-9).mean():.3f}",
        f"{widths.max():.3f}",
        f"{np.mean([one.known for one in outcomes]):.3f}",
        f"{off.mean():+.3f}",
        f"{np.sqrt((off**2).mean()):.3f}",
        f"{np.sqrt(np.mean([(one.known - one.alone) ** 2 for one in outcomes])):.3f}",
    )


if __name__ == "__main__":
    learners = int(sys.argv[1]) if len(sys.argv) > 1 else LEARNERS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    kinds = list(KINDS)
    outcomes = [live(kinds[n % len(kinds)], np.random.default_rng([seed, n])) for n in range(learners)]
    headings = ("inside", "in 0.1 at most", "width", "widths <= 0.1", "widest", "known", "off", "rms", "FSRS alone rms")
    made = table(f"Plans kept, seed {seed}", "who remembers by", "learners", *headings)
    for kind in kinds:
        made.add_row(*row(kind, [one for one in outcomes if one.kind == kind]))
    made.add_section()
    made.add_row(*row("all", outcomes, is_whole=True))
    show(made)
    console.print(f"{np.mean([one.seconds for one in outcomes]):.2f} s a plan\n")
