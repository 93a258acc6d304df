"""When a card is asked again: FSRS-6 as the package `fsrs` has it, or SM-2. Pure; days are not shifted here.

A memory is the scheduler's whole state as JSON, as app.cards keeps it; `None` is a card never reviewed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Literal, cast

import fsrs

from studium.learning import sm2

Memory = dict[str, Any]
SchedulerName = Literal["fsrs", "sm2"]
RATINGS = (1, 2, 3, 4)
AGAIN = 1
DEFAULT_PARAMETERS: tuple[float, ...] = tuple(fsrs.scheduler.DEFAULT_PARAMETERS)
DEFAULT_RETENTION = 0.9
VERSIONS: dict[SchedulerName, str] = {"fsrs": f"FSRS-6, fsrs {version('fsrs')}", "sm2": "SM-2 (1990)"}
WHOLE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rules:
    """How somebody's cards are scheduled."""

    scheduler: SchedulerName = "fsrs"
    parameters: Sequence[float] = DEFAULT_PARAMETERS
    desired_retention: float = DEFAULT_RETENTION


def review(
    memory: Memory | None,
    rating: int,
    moment: datetime,
    *,
    scheduler: SchedulerName = "fsrs",
    parameters: Sequence[float] | None = None,
    desired_retention: float = DEFAULT_RETENTION,
) -> Memory:
    """The memory after a card was rated.

    Args:
        memory: the state before, of this scheduler; `None` for a new card.
        rating: 1 again, 2 hard, 3 good, 4 easy.
        moment: when; naive moments are refused.
        scheduler: whose rules.
        parameters: FSRS-6's 21; `None` for the defaults.
        desired_retention: how likely the card shall be known when FSRS asks it again.
    """
    if rating not in RATINGS:
        raise ValueError("a rating is 1, 2, 3 or 4")
    now = _utc(moment)
    if memory is not None and scheduler_of(memory) != scheduler:
        raise ValueError(f"this is no memory of {scheduler}: replay the card's reviews")
    if scheduler == "sm2":
        return sm2.repeat(sm2.Item.read(memory) if memory else None, sm2.GRADES[rating], now).write()
    engine = _engine(tuple(parameters or DEFAULT_PARAMETERS), desired_retention)
    after, _ = engine.review_card(_card(memory, now), fsrs.Rating(rating), now)
    return _written(after)


def replayed(history: Iterable[tuple[int, datetime]], rules: Rules) -> Memory | None:
    """The memory that reviews, from the first on, come to under these rules."""
    memory = None
    for rating, moment in history:
        memory = reviewed(memory, rating, moment, rules)
    return memory


def reviewed(memory: Memory | None, rating: int, moment: datetime, rules: Rules) -> Memory:
    """`review` by somebody's rules."""
    return review(
        memory,
        rating,
        moment,
        scheduler=rules.scheduler,
        parameters=rules.parameters,
        desired_retention=rules.desired_retention,
    )


def translated(memory: Memory, rules: Rules) -> Memory:
    """Another scheduler's memory by these rules, where the reviews behind it are not known: its interval is kept."""
    due, last = due_of(memory), last_review_of(memory)
    days = max(1, (due - last).days)
    if rules.scheduler == "sm2":
        repetitions = sum(days >= one for one in sm2.FIRST_INTERVALS)
        return sm2.Item(sm2.FIRST_EASE, days, repetitions, due, last).write()
    first = _engine(tuple(rules.parameters), rules.desired_retention).review_card(
        _card(None, last), fsrs.Rating.Good, last
    )[0]
    # SM-2 asks when nine in ten are known, and there FSRS's stability is the interval
    first.state, first.step, first.stability, first.due = fsrs.State.Review, None, float(days), due
    return _written(first)


def predicted_recall(
    memory: Memory | None, moment: datetime, parameters: Sequence[float] | None = None
) -> float | None:
    """How likely the card is to be known at `moment`; `None` where nothing says so: a new card, or SM-2."""
    now = _utc(moment)
    if memory is None or scheduler_of(memory) == "sm2":
        return None
    engine = _engine(tuple(parameters or DEFAULT_PARAMETERS), DEFAULT_RETENTION)
    return float(engine.get_card_retrievability(_card(memory, now), now))


def scheduler_of(memory: Memory) -> SchedulerName:
    """Whose state it is."""
    return "sm2" if "ease" in memory else "fsrs"


def due_of(memory: Memory) -> datetime:
    """When the card is asked again."""
    return datetime.fromisoformat(memory["due"])


def last_review_of(memory: Memory) -> datetime:
    """When it was reviewed last."""
    return datetime.fromisoformat(memory["last_review"])


def moved(memory: Memory, due: datetime) -> Memory:
    """The memory with another due date. What the scheduler knows of the card stays."""
    return {**memory, "due": _utc(due).isoformat()}


def is_learnt(memory: Memory | None) -> bool:
    """Whether the card waits for whole days, not for minutes: forgetting it now would be a lapse."""
    if memory is None:
        return False
    if scheduler_of(memory) == "sm2":
        return not sm2.Item.read(memory).is_asked_again
    return bool(memory["state"] == fsrs.State.Review)


@lru_cache(maxsize=1024)
def _engine(parameters: tuple[float, ...], desired_retention: float) -> fsrs.Scheduler:
    # days are spread by `balancing`, which can be told and tested; chance cannot
    return fsrs.Scheduler(parameters, desired_retention=desired_retention, enable_fuzzing=False)


def _card(memory: Memory | None, now: datetime) -> fsrs.Card:
    # without an id `fsrs.Card` waits a millisecond to make one
    if memory is None:
        return fsrs.Card(card_id=0, due=now)
    return fsrs.Card.from_dict(cast("fsrs.card.CardDict", {"card_id": 0, **memory}))


def _written(card: fsrs.Card) -> Memory:
    told = dict(card.to_dict())
    del told["card_id"]
    return told


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    return moment.astimezone(UTC)
