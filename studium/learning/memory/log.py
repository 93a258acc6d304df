"""One learner's reviews in the order in which the cards were seen, as arrays, and what FSRS would have said of each."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from studium.learning.memory import fsrs6
from studium.learning.memory.fsrs6 import Floats, Ints, Parameters

DAY = 86_400.0


class Review(NamedTuple):
    """One review, as it was kept."""

    card: object
    reviewed_at: datetime
    rating: int


@dataclass(frozen=True)
class Log:
    """Reviews by card and, of one card, by time."""

    cards: Ints
    """Which card, counted from 0."""
    positions: Ints
    """Which of the card's reviews, counted from 0."""
    moments: Floats
    """Seconds since 1970."""
    days: Ints
    """Whole days since the card's review before; 0 for the first."""
    ratings: Ints

    @classmethod
    def of(cls, reviews: Iterable[Review]) -> Self:
        """Put reviews in order. Naive moments are refused."""
        numbers: dict[object, int] = {}
        rows = []
        for review in reviews:
            if review.reviewed_at.tzinfo is None:
                raise ValueError("a moment must carry a time zone")
            if not fsrs6.AGAIN <= review.rating <= fsrs6.EASY:
                raise ValueError(f"A rating is 1, 2, 3 or 4, not {review.rating}.")
            rows.append((numbers.setdefault(review.card, len(numbers)), review.reviewed_at.timestamp(), review.rating))
        table = np.array(sorted(rows, key=lambda row: row[:2]), dtype=float).reshape(-1, 3)
        return cls.from_arrays(table[:, 0].astype(int), table[:, 1], table[:, 2].astype(int))

    @classmethod
    def from_arrays(cls, cards: Ints, moments: Floats, ratings: Ints) -> Self:
        """From reviews that are in order already."""
        count = np.arange(len(cards))
        is_first = np.ones(len(cards), dtype=bool)
        is_first[1:] = cards[1:] != cards[:-1]
        positions = count - np.maximum.accumulate(np.where(is_first, count, 0)) if len(cards) else count
        elapsed = np.zeros(len(cards))
        elapsed[1:] = np.maximum(np.diff(moments), 0)
        days = np.where(is_first, 0, elapsed // DAY).astype(int)
        return cls(cards, positions, moments, days, ratings)

    def __len__(self) -> int:
        return len(self.cards)

    @property
    def is_tested(self) -> NDArray[np.bool_]:
        """Which reviews say whether something was kept: not the first of a card, nor again on the same day."""
        tested: NDArray[np.bool_] = (self.positions > 0) & (self.days >= 1)
        return tested

    @property
    def is_recalled(self) -> NDArray[np.bool_]:
        """Which reviews found the card remembered."""
        return self.ratings > fsrs6.AGAIN

    @property
    def lasts(self) -> Ints:
        """Where each card's last review stands."""
        return np.flatnonzero(np.append(self.cards[1:] != self.cards[:-1], True)[: len(self)])

    def before(self, moment: float) -> Self:
        """What was known before a moment: each card's reviews up to then."""
        kept = self.moments < moment
        return type(self)(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})


@dataclass(frozen=True)
class Replay:
    """What FSRS would have known: of each review what it expected, of each card what it holds at the end."""

    expected: Floats
    """How likely the card was remembered; not a number at its first review."""
    stability: Floats
    """After the review."""
    difficulty: Floats


def replay(log: Log, parameters: Parameters) -> Replay:
    """Go through all reviews with these parameters, never looking ahead."""
    expected = np.full(len(log), np.nan)
    stability, difficulty = np.empty(len(log)), np.empty(len(log))
    order = np.argsort(log.positions, kind="stable")
    starts = np.searchsorted(log.positions[order], np.arange(log.positions.max(initial=-1) + 2))
    for position in range(len(starts) - 1):
        here = order[starts[position] : starts[position + 1]]
        if position == 0:
            stability[here], difficulty[here] = fsrs6.first(parameters, log.ratings[here])
            continue
        known = stability[here - 1], difficulty[here - 1]
        expected[here] = fsrs6.recall(parameters, known[0], log.days[here])
        stability[here], difficulty[here] = fsrs6.after(parameters, *known, log.days[here], log.ratings[here])
    return Replay(expected, stability, difficulty)
