"""Does a fit foretell a learner's reviews? `python bench/memory.py [reviews.csv ...]`.

Synthetic learners whose parameters are known, one for whom the usual ones are true, and public logs where files are
given (columns card_id, review_time, review_rating; py-fsrs has one among its tests): SM-2, FSRS as it is, FSRS fitted.
Whatever is judged comes later than all that was fitted to.
"""

import csv
import sys
import time
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.report import judged, show, table
from studium.learning import sm2
from studium.learning.memory.comparing import agreement, gain
from studium.learning.memory.fitting import fit
from studium.learning.memory.fsrs6 import DEFAULTS, Floats, Parameters
from studium.learning.memory.log import Log, Review, replay
from studium.learning.memory.promotion import try_fit
from tests.memory_world import Fsrs, Learner, other_parameters

SEED, EACH = 20261122, 20
SIZES = {"2 months": (150, 60), "5 months": (400, 150), "10 months": (1500, 300)}
CLOSE, FALSE = 0.01, 0.05
FOLDS = 5


def lost(log: Log, truth: Parameters, parameters: Parameters, chosen: NDArray[np.bool_]) -> float:
    """By what share the log-loss to be expected of parameters is above that of the truth's."""
    likely = replay(log, truth).expected[chosen]
    theirs, ours = (np.clip(replay(log, one).expected[chosen], 1e-4, 1 - 1e-4) for one in (truth, parameters))
    least, found = (-(likely * np.log(one) + (1 - likely) * np.log(1 - one)).mean() for one in (theirs, ours))
    return float(found / least - 1)


def studied(truth: Parameters, cards: int, days: int, chance: np.random.Generator) -> Log:
    """The reviews of somebody who remembers by these parameters and is scheduled by the usual ones."""
    learner = Learner(Fsrs(cards, chance, truth), cards, chance)
    learner.study(days, 8)
    return learner.log()


def recovered() -> Table:
    """Learners whose parameters differ from the usual in all of them."""
    headings = ("tested reviews", "usual, mean", "fit, mean", "fit, worst", "within 1 %", "promoted", "s a fit")
    made = table("Log-loss above the truth's, on later reviews", "studied for", *headings)
    for name, (cards, days) in SIZES.items():
        rows = []
        for number in range(EACH):
            chance = np.random.default_rng([SEED, cards, number])
            truth = other_parameters(chance)
            log = studied(truth, cards, days, chance)
            started = time.perf_counter()
            trial = try_fit(log, DEFAULTS, chance)
            seconds = time.perf_counter() - started
            if trial.parameters is None or trial.judged_from is None:
                continue
            later = log.is_tested & (log.moments >= trial.judged_from)
            by_usual, by_fit = (lost(log, truth, one, later) for one in (DEFAULTS, trial.parameters))
            rows.append((trial.tested, by_usual, by_fit, trial.verdict == "promoted", seconds))
        tested, by_usual, by_fit, promoted, seconds = np.array(rows, dtype=float).T
        is_long = days >= max(days for _, days in SIZES.values())
        made.add_row(
            name,
            f"{tested.mean():,.0f}",
            f"{by_usual.mean():.2%}",
            judged(by_fit.mean(), ".2%", at_most=CLOSE) if is_long else f"{by_fit.mean():.2%}",
            f"{by_fit.max():.2%}",
            f"{int((by_fit <= CLOSE).sum())} of {len(rows)}",
            f"{int(promoted.sum())} of {len(rows)}",
            f"{seconds.mean():.2f}",
        )
    return made


def usual() -> Table:
    """Learners for whom the usual parameters are the truth: a fit can only be worse."""
    made = table("Learners who remember as is usual", "learners", "tested reviews", "promoted", "worst loss by it")
    promoted, worst, tested, learners = 0, 0.0, [], 5 * EACH
    for number in range(learners):
        chance = np.random.default_rng([SEED, 7, number])
        log = studied(DEFAULTS, 400, 150, chance)
        trial = try_fit(log, DEFAULTS, chance)
        tested.append(trial.tested)
        if trial.verdict == "promoted" and trial.parameters and trial.judged_from:
            later = log.is_tested & (log.moments >= trial.judged_from)
            promoted, worst = promoted + 1, max(worst, lost(log, DEFAULTS, trial.parameters, later))
    share = judged(promoted / learners, ".3f", at_most=FALSE)
    made.add_row(str(learners), f"{np.mean(tested):,.0f}", share, f"{worst:.2%}")
    return made


def by_sm2(log: Log) -> Floats:
    """What SM-2 would expect: it names intervals alone; nine in ten known after one, forgetting by half-lives."""
    expected = np.full(len(log), np.nan)
    item = None
    for number in range(len(log)):
        moment = datetime.fromtimestamp(log.moments[number]).astimezone()
        if log.positions[number] == 0:
            item = None
        elif item is not None:
            expected[number] = 0.9 ** (log.days[number] / max(item.interval_days, 1))
        item = sm2.repeat(item, sm2.GRADES[int(log.ratings[number])], moment)
    return expected


def real(path: Path) -> Table:
    """A public log, in folds of time: fitted to what came before each fold, judged on it."""
    with path.open(newline="") as file:
        rows = [
            Review(row["card_id"], datetime.fromisoformat(row["review_time"]), int(row["review_rating"]))
            for row in csv.DictReader(file)
        ]
    log = Log.of(rows)
    moments = np.quantile(log.moments[log.is_tested], np.linspace(0, 1, FOLDS + 2)[1:])
    fitted = np.full(len(log), np.nan)
    for start, end in zip(moments[:-1], [*moments[1:-1], np.inf], strict=True):
        fold = (log.moments >= start) & (log.moments < end)
        fitted[fold] = replay(log, fit(log.before(start))).expected[fold]
    later = log.is_tested & (log.moments >= moments[0])
    plain = replay(log, DEFAULTS).expected
    title = f"{path.name}: {len(log):,} reviews of {len(set(log.cards)):,} cards, {int(later.sum()):,} foretold"
    made = table(title, "by", "log-loss", "RMSE (bins)", "log-loss less than FSRS's, usual, 95 %")
    for name, expected in {"SM-2": by_sm2(log), "FSRS-6, usual": plain, "FSRS-6, fitted": fitted}.items():
        told = agreement(log, expected, later)
        less = gain(log, plain, expected, later, np.random.default_rng(SEED))
        span = "" if expected is plain else f"{less.mean:+.4f} ({less.low:+.4f} to {less.high:+.4f})"
        made.add_row(name, f"{told.log_loss:.4f}", f"{told.rmse_bins:.4f}", span)
    return made


if __name__ == "__main__":
    show(recovered(), usual(), *(real(Path(name)) for name in sys.argv[1:]))
