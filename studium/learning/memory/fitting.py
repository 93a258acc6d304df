"""FSRS parameters of one learner, by `fsrs-rs-python`, of reviews up to a moment and none after it."""

from dataclasses import dataclass

import numpy as np
from fsrs.scheduler import LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS
from fsrs_rs_python import FSRS, FSRSItem, FSRSReview, TrainingConfig

from studium.learning.memory.fsrs6 import DEFAULTS, Parameters
from studium.learning.memory.log import Log

LEAST_TESTED = 400
"""Below so many reviews a day or more after the one before, a fit follows chance more than the learner."""
HELD_OUT = 0.2
"""The share of reviews, the latest, that a fit is judged by and never sees."""
LONGEST_HISTORY = 256
"""Of one card; the library leaves longer ones out."""
SLOWLY = TrainingConfig(num_epochs=80, learning_rate=0.02)
"""Five quick rounds, as is usual, leave 1.7 % more log-loss than the truth's after 10,000 reviews; this 0.4 %."""


@dataclass(frozen=True)
class Split:
    """Earlier reviews to learn from, and a moment from which on reviews are to be foretold."""

    earlier: Log
    moment: float


def split(log: Log) -> Split | None:
    """Cut a log in time; none where there is too little to learn from or to judge by."""
    tested = np.sort(log.moments[log.is_tested])
    if len(tested) < LEAST_TESTED:
        return None
    moment = float(tested[int(len(tested) * (1 - HELD_OUT))])
    return Split(log.before(moment), moment)


def fit(log: Log) -> Parameters:
    """The parameters under which these reviews are likeliest, held near the usual ones where they say little.

    Args:
        log: reviews; each review after the first day of its card is one case, with all before it.
    """
    items, cards = _cases(log)
    found = FSRS(list(DEFAULTS)).compute_parameters(items, card_ids=cards, training_config=SLOWLY)
    # single precision may put a bound's own value beside it
    bounded = np.clip(found, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS)
    return tuple(float(value) for value in bounded)


def _cases(log: Log) -> tuple[list[FSRSItem], list[int]]:
    """Every tested review with its card's history, in order of time: the library gives later ones more weight."""
    reviews = [FSRSReview(int(rating), int(days)) for rating, days in zip(log.ratings, log.days, strict=True)]
    tested = np.flatnonzero(log.is_tested & (log.positions < LONGEST_HISTORY))
    ends = tested[np.argsort(log.moments[tested], kind="stable")]
    items = [FSRSItem(reviews[end - log.positions[end] : end + 1]) for end in ends]
    return items, [int(card) for card in log.cards[ends]]
