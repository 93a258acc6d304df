"""Whether parameters fitted to a learner take the place of those in use: only if they foretell later reviews better."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from studium.learning.memory.comparing import Agreement, Gain, agreement, gain
from studium.learning.memory.fitting import LEAST_TESTED, fit, split
from studium.learning.memory.fsrs6 import Parameters
from studium.learning.memory.log import Log, replay

Verdict = Literal["too_few", "no_better", "promoted"]


@dataclass(frozen=True)
class Trial:
    """What came of a fit."""

    verdict: Verdict
    tested: int
    """Reviews a day or more after the one before: what can be learnt from at all."""
    needed: int
    judged_from: float | None = None
    """Seconds since 1970: reviews from here on were foretold, those before learnt from."""
    parameters: Parameters | None = None
    before: Agreement | None = None
    after: Agreement | None = None
    gain: Gain | None = None


def try_fit(log: Log, in_use: Parameters, chance: np.random.Generator) -> Trial:
    """Fit to the earlier reviews, foretell the later ones, and say which parameters shall be in use.

    What is promoted is what was judged: it is not fitted again with the reviews that judged it.
    """
    tested = int(log.is_tested.sum())
    cut = split(log)
    if cut is None:
        return Trial("too_few", tested, LEAST_TESTED)
    fitted = fit(cut.earlier)
    later = log.is_tested & (log.moments >= cut.moment)
    old, new = replay(log, in_use).expected, replay(log, fitted).expected
    found = gain(log, old, new, later, chance)
    return Trial(
        verdict="promoted" if found.low > 0 else "no_better",
        tested=tested,
        needed=LEAST_TESTED,
        judged_from=cut.moment,
        parameters=fitted,
        before=agreement(log, old, later),
        after=agreement(log, new, later),
        gain=found,
    )
