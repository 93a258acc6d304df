"""How far a learner's own reviews bear out what is expected of them, and how sure that leaves the expectation.

What FSRS expects is corrected by a line fitted to this learner's answers: higher or lower altogether, steeper or
flatter, better or worse with long intervals, better or worse with cards that surprised before. Cards that are not due
yet are forgotten sooner besides, by as much as same-day answers tell. The line is known as well as there are answers to
know it by, and a plan is simulated once for each of many lines that may be true: with few answers its range is wide.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaincinv, logit

from studium.learning.memory.comparing import SUREST
from studium.learning.memory.fsrs6 import Floats, Ints
from studium.learning.memory.log import DAY, Log, Replay

CENTRE, CENTRE_DAYS, CENTRE_TESTED = 2.2, 2.0, 1.5
"""About nine in ten after about a week: where most reviews are."""
PRIOR = np.array([0.12, 0.06, 0.1, 0.15, 0.07])
"""How far learners differ from FSRS in level, steepness, length, cards of their own and how often these were asked:
standard deviations in log-odds."""
SPREAD = 1.25
"""Reviews of one card hang together, and what comes differs from what was: the line is less sure by this factor."""
MOST_EARLY, SLIPPING = 0.8, 0.002
"""How much sooner than FSRS has it cards are forgotten that are not due yet, at most, and the share of answers missed
on the same day from which on it is nearly that. Cards are asked when they are due: what becomes of fresher ones, as
most are on the day of an exam, is told by the same day's answers alone."""
EARLY_SURE = 0.12
"""How unsure that is even with many answers on the same day."""
SLIPS, ANSWERS = 0.2, 67
"""So many same-day answers missed, of so many, are what is expected of somebody before there are any."""
QUANTILES = (np.arange(50) + 0.5) / 50
"""Of what the share missed may be; so few are missed that it is hardly known, and what follows from it no better."""
FEW, FEWER = 250, 100
"""Few reviews are of cards that are all young: the line is less sure than they make it look."""
NEWEST = 4000
"""So many reviews, the latest, tell how somebody remembers now."""
HELD = 0.5
"""A card's own surprises count against this much: about five reviews that were expected to go well."""
FADES = 90.0
"""Days after which a review counts half: people change, and so do their cards."""
STEPS = 25


@dataclass
class Past:
    """What a card's reviews so far tell beside its state; reviews on the day of another tell nothing."""

    better: Floats
    """How much better they went than FSRS expected, all together."""
    weight: Floats
    """How much that weighs."""
    tested: Floats
    """How many they were."""


@dataclass(frozen=True)
class Correction:
    """The line by which expectations are corrected, and how sure it is."""

    mean: Floats
    covariance: NDArray[np.float64]
    reviews: int

    def draw(self, count: int, chance: np.random.Generator) -> NDArray[np.float64]:
        """Lines that may be true, one a row."""
        return chance.multivariate_normal(self.mean, self.covariance, size=count)


def corrected(expected: Floats, days: Floats | Ints, stability: Floats, past: Past, line: Floats) -> Floats:
    """What is expected once the learner's own answers are heard; `line` has its numbers in the last axis."""
    odds = logit(np.clip(expected, SUREST, 1 - SUREST))
    shift = sum(line[..., number] * term for number, term in enumerate(_terms(odds, days, stability, past)))
    likely: Floats = expit(odds + shift)
    return likely


def learn(log: Log, known: Replay) -> Correction:
    """Fit the line to how a learner's reviews went.

    Args:
        log: the learner's reviews.
        known: what was expected of them, by the parameters in use.
    """
    tested = np.flatnonzero(log.is_tested)
    newest = tested[np.argsort(log.moments[tested], kind="stable")][-NEWEST:]
    odds = logit(np.clip(known.expected[newest], SUREST, 1 - SUREST))
    past = Past(*(part[newest] for part in vars(past_of(log, known)).values()))
    *parts, fresh = _terms(odds, log.days[newest], known.stability[newest - 1], past)
    terms = np.column_stack(parts)
    recalled = log.is_recalled[newest]
    early, unsure = _early(log)
    # Not fitted with the rest: reviews a little before a card is due would pull it, and make it look sure.
    odds = odds + early * fresh
    precision = np.diag(1 / PRIOR**2)
    age = (log.moments[newest].max(initial=0) - log.moments[newest]) / DAY
    weights = 0.5 ** (age / FADES) / SPREAD**2
    line = np.zeros(len(PRIOR))
    curvature = precision
    for _ in range(STEPS):
        likely = expit(odds + terms @ line)
        slope = terms.T @ (weights * (recalled - likely)) - precision @ line
        curvature = (terms * (weights * likely * (1 - likely))[:, None]).T @ terms + precision
        step = np.linalg.solve(curvature, slope)
        line = line + step
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004 - as exact as it gets
            break
    covariance = np.diag(np.append(np.zeros(len(PRIOR)), unsure**2))
    covariance[:-1, :-1] = np.linalg.inv(curvature) * (1 + (FEW / (len(newest) + FEWER)) ** 2)
    return Correction(np.append(line, early), covariance, len(newest))


def _early(log: Log) -> tuple[float, float]:
    """How much sooner than expected fresh cards are forgotten, as same-day answers tell, and how unsure that is."""
    same_day = (log.positions > 0) & (log.days < 1)
    missed = int((same_day & ~log.is_recalled).sum())
    shares = gammaincinv(missed + SLIPS, QUANTILES) / (int(same_day.sum()) + ANSWERS)
    early = MOST_EARLY * (1 - np.exp(-((shares / SLIPPING) ** 2)))
    return float(early.mean()), float(np.hypot(EARLY_SURE, early.std()))


def past_of(log: Log, known: Replay, *, after: bool = False) -> Past:
    """For each review, what the card's reviews before it tell, or these and itself."""
    tested = log.is_tested
    expected = np.where(tested, known.expected, 0)
    sums = []
    for part in (np.where(tested, log.is_recalled - expected, 0), expected * (1 - expected), tested * 1.0):
        before = np.cumsum(part) - part
        own = before - before[np.arange(len(log)) - log.positions]
        sums.append(own + part if after else own)
    return Past(*sums)


def _terms(odds: Floats, days: Floats | Ints, stability: Floats, past: Past) -> tuple[Floats, ...]:
    """What a correction is made of, in the order of `PRIOR`, and last how long the card is still from being due."""
    return (
        np.ones_like(odds),
        odds - CENTRE,
        np.log(np.maximum(stability, 0.5)) - CENTRE_DAYS,
        past.better / (past.weight + HELD),
        np.log1p(past.tested) - CENTRE_TESTED,
        -np.sqrt(np.log1p(np.maximum(stability - days, 0))),
    )


@dataclass(frozen=True)
class Range:
    """A share of cards, and between which shares it lies, nine times in ten."""

    mean: float
    low: float
    high: float


SURE = 0.9
ASKED = 40
"""How often each life's cards are asked on the day."""


def range_of(likely: NDArray[np.float64], chance: np.random.Generator) -> Range:
    """How many of the cards will be known, if each is asked once.

    Args:
        likely: one row a life, one column a card.
        chance: what decides.
    """
    known = [(chance.random(likely.shape) < likely).mean(axis=1) for _ in range(ASKED)]
    low, high = np.quantile(known, [(1 - SURE) / 2, (1 + SURE) / 2], method="inverted_cdf")
    return Range(float(likely.mean()), float(low), float(high))
