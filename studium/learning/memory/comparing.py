"""How well what was expected of reviews agrees with what came: log-loss, calibration, and which of two is better."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studium.learning.memory.fsrs6 import Floats
from studium.learning.memory.log import Log

SUREST = 1e-4
"""Nothing is expected for certain: one surprise would outweigh everything."""
BINS = 10
RESAMPLES = 2000


@dataclass(frozen=True)
class Bin:
    """Reviews of which about the same was expected."""

    expected: float
    recalled: float
    reviews: int


@dataclass(frozen=True)
class Agreement:
    """How expectation and outcome of some reviews agree."""

    reviews: int
    log_loss: float
    rmse_bins: float
    """Root mean square difference over groups of like interval, length of history and lapses; weighted by reviews."""
    calibration: tuple[Bin, ...]


@dataclass(frozen=True)
class Gain:
    """By how much the second of two expectations has the smaller log-loss, with its interval of nineteen in twenty."""

    mean: float
    low: float
    high: float


def losses(expected: Floats, recalled: NDArray[np.bool_]) -> Floats:
    """The log-loss of each review."""
    sure = np.clip(expected, SUREST, 1 - SUREST)
    loss: Floats = -np.log(np.where(recalled, sure, 1 - sure))
    return loss


def agreement(log: Log, expected: Floats, chosen: NDArray[np.bool_]) -> Agreement:
    """Compare what was expected of the chosen reviews with how they went."""
    seen, recalled = expected[chosen], log.is_recalled[chosen]
    groups = _groups(log)[chosen]
    return Agreement(
        reviews=int(chosen.sum()),
        log_loss=float(losses(seen, recalled).mean()),
        rmse_bins=_rmse(groups, seen, recalled),
        calibration=_calibration(seen, recalled),
    )


def gain(log: Log, old: Floats, new: Floats, chosen: NDArray[np.bool_], chance: np.random.Generator) -> Gain:
    """How much better the new expectation is; cards, not reviews, are drawn again, as those of a card hang together."""
    recalled = log.is_recalled[chosen]
    better = losses(old[chosen], recalled) - losses(new[chosen], recalled)
    _, card = np.unique(log.cards[chosen], return_inverse=True)
    sums, counts = np.bincount(card, better), np.bincount(card)
    drawn = chance.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=RESAMPLES)
    low, high = np.quantile(drawn @ sums / (drawn @ counts), [0.025, 0.975])
    return Gain(float(better.mean()), float(low), float(high))


def _calibration(expected: Floats, recalled: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Reviews in groups of the same size, from those least to those most likely to be remembered."""
    order = np.argsort(expected, kind="stable")
    return tuple(
        Bin(float(expected[part].mean()), float(recalled[part].mean()), len(part))
        for part in np.array_split(order, BINS)
        if len(part)
    )


def _groups(log: Log) -> NDArray[np.int64]:
    """The groups in which spaced repetition's public benchmark weighs errors, one number each."""
    later = log.days >= 1
    lapses = _counted_before(log, later & ~log.is_recalled)
    seen = _counted_before(log, later) + later + 1
    days = _step(np.maximum(log.days, 1), 3.62)
    groups: NDArray[np.int64] = days * 10_000 + _step(seen, 1.89) * 100 + np.where(lapses, _step(lapses, 1.73) + 1, 0)
    return groups


def _counted_before(log: Log, what: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many such reviews the card had before each."""
    total: NDArray[np.int64] = np.cumsum(what) - what
    starts = np.arange(len(log)) - log.positions
    counted: NDArray[np.int64] = total - total[starts]
    return counted


def _step(values: NDArray[np.int64], base: float) -> NDArray[np.int64]:
    steps: NDArray[np.int64] = np.floor(np.log(np.maximum(values, 1)) / np.log(base) + 1e-9).astype(np.int64)
    return steps


def _rmse(groups: NDArray[np.int64], expected: Floats, recalled: NDArray[np.bool_]) -> float:
    _, index = np.unique(groups, return_inverse=True)
    counts = np.bincount(index)
    off = (np.bincount(index, expected) - np.bincount(index, recalled)) / counts
    return float(np.sqrt((counts * off**2).sum() / counts.sum()))
