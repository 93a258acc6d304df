"""Whether what is wanted is worse than what is in force: both asked the same questions, compared in pairs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studium.tutor.evaluation import NEAR_TOP, Outcome, ndcg

TOLERANCE = 0.02
"""So much of a figure may be lost, if chance could be as bad."""
SURE = 0.95
DRAWS = 2000
SEED = 20261122
NO_QUESTIONS = "there are no golden questions to compare by"
Counts = Mapping[str, float]
"""What one question counts for each figure that asks for it."""


def counts_of(outcome: Outcome) -> dict[str, float]:
    """A question's own share in the figures, for the better the higher."""
    is_answerable = outcome.kind == "answerable"
    counted = {"refused rightly": float(outcome.is_refused != is_answerable), "leaks": -float(outcome.leaks)}
    if outcome.quotes:
        counted["faithfulness"] = outcome.faithful / outcome.quotes
    if is_answerable:
        spots = len({place.spot for place in outcome.golden.answers})
        counted["recall_at_5"] = float(bool(outcome.ranks) and outcome.ranks[0] <= NEAR_TOP)
        counted["ndcg_at_10"] = ndcg(outcome.ranks, spots)
        counted["answer_contained"] = float(outcome.is_contained)
    return counted


@dataclass(frozen=True)
class Difference:
    """Of one figure: its mean over the questions both were asked, and how low that may truly be."""

    figure: str
    questions: int
    mean: float
    lower: float

    @property
    def is_loss(self) -> bool:
        """No leak is tolerated; of other figures a loss so small that it may be chance is."""
        allowed = 0.0 if self.figure == "leaks" else -TOLERANCE
        return self.mean < 0 and self.lower < allowed


@dataclass(frozen=True)
class Verdict:
    """Of a comparison."""

    differences: list[Difference]

    @property
    def is_worse(self) -> bool:
        """In any figure."""
        return any(one.is_loss for one in self.differences)

    @property
    def why(self) -> str:
        """In words."""
        lost = [f"{one.figure} {one.mean:+.3f} (at worst {one.lower:+.3f})" for one in self.differences if one.is_loss]
        if lost:
            return f"worse: {', '.join(lost)}"
        return "no worse" if self.differences else NO_QUESTIONS


def compare(old: Mapping[str, Counts], new: Mapping[str, Counts]) -> Verdict:
    """Compare question by question; what only one of them was asked does not count."""
    pairs: dict[str, list[float]] = {}
    for question in sorted(old.keys() & new.keys()):
        for figure in sorted(old[question].keys() & new[question].keys()):
            pairs.setdefault(figure, []).append(new[question][figure] - old[question][figure])
    return Verdict([_difference(figure, values) for figure, values in sorted(pairs.items())])


def _difference(figure: str, values: list[float]) -> Difference:
    """The lower bound is that of a one-sided interval, by drawing the questions anew with replacement."""
    found = np.asarray(values)
    drawn = np.random.default_rng(SEED).choice(found, (DRAWS, len(found))).mean(axis=1)
    return Difference(figure, len(values), float(found.mean()), float(np.quantile(drawn, 1 - SURE)))
