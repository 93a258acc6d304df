"""What Anki remembers of a card, and what we do: each in the other's terms. Pure.

Anki keeps stability to four places, difficulty to three, and a review's date without the hour. So that a card comes
back as it went, its exact state travels in the room Anki leaves for others (`cd` of a card's data, at most 100 bytes),
and is believed only while Anki's own figures still say the same.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from studium.learning.anki.records import CardRow, ReviewRow

NEW, LEARNING, REVIEW, RELEARNING = 0, 1, 2, 3
LEARNING_BY_DAYS = 3
SUSPENDED, BURIED_BY_SCHEDULER, BURIED_BY_HAND = -1, -2, -3
ROLLOVER = time(4)
"""When Anki's day begins unless somebody chose otherwise."""
LEARNING_STEPS, RELEARNING_STEPS = 2, 1
"""As many as the scheduler has by default."""
A_MOMENT = 1_000_000_000
"""A due date above is in seconds since 1970; below, in days."""
EASE = 2.5
EXACT = "x"
Memory = dict[str, Any]


@dataclass(frozen=True)
class Days:
    """Anki's count of days, which begins with the collection."""

    first: date
    zone: ZoneInfo

    def of(self, moment: datetime) -> int:
        """The day a moment belongs to."""
        local = moment.astimezone(self.zone)
        day = local.date() if local.time() >= ROLLOVER else local.date() - timedelta(days=1)
        return (day - self.first).days

    def start(self, day: int) -> datetime:
        """When a day begins."""
        return datetime.combine(self.first + timedelta(days=day), ROLLOVER, self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Known:
    """What is remembered of a card, in our terms; `memory` None: new."""

    scheduler: str
    memory: Memory | None
    due_at: datetime | None
    last_reviewed_at: datetime | None


def from_anki(row: CardRow, days: Days, last: ReviewRow | None) -> Known:
    """What Anki knows of a card; `last` is the last time it was asked, where the log says so."""
    if row.type not in (LEARNING, REVIEW, RELEARNING):
        return Known("fsrs", None, None, None)
    data = _data(row.data)
    stability, difficulty = _number(data.get("s")), _number(data.get("d"))
    exact = _exact(data, row, days)
    if exact is not None:
        return exact
    reviewed = _last_reviewed(data, last)
    due = _due(row, days, reviewed)
    reviewed = reviewed or due - timedelta(days=max(row.interval, 0))
    if stability is not None and difficulty is not None:
        return Known("fsrs", {**_fsrs(row, stability, difficulty), **_dates(due, reviewed)}, due, reviewed)
    memory = {"ease": (row.factor / 1000) or EASE, "interval_days": max(row.interval, 0)}
    return Known("sm2", {**memory, "repetitions": _repetitions(row), **_dates(due, reviewed)}, due, reviewed)


def to_anki(card_id: int, note_id: int, deck: str, number: int, known: Known, days: Days) -> CardRow:
    """A card as Anki keeps it; how often it was asked, and whether it is put aside, is the caller's to add."""
    memory = known.memory
    if memory is None or known.due_at is None:
        return CardRow(card_id, note_id, deck, number)
    reviewed = datetime.fromisoformat(memory["last_review"]) if memory.get("last_review") else known.due_at
    kind = memory["state"] if known.scheduler == "fsrs" else _kind_of_sm2(known.due_at - reviewed)
    is_review = kind == REVIEW
    due = days.of(known.due_at) if is_review else int(known.due_at.timestamp())
    interval = max(1, round((known.due_at - reviewed) / timedelta(days=1))) if is_review else 0
    left, factor = 0, round(EASE * 1000)
    data: dict[str, object] = {"lrt": int(reviewed.timestamp())}
    if known.scheduler == "fsrs":
        steps = {LEARNING: LEARNING_STEPS, RELEARNING: RELEARNING_STEPS}.get(kind)
        left = max(1, steps - int(memory.get("step") or 0)) if steps else 0
        data |= {"s": round(memory["stability"], 4), "d": round(memory["difficulty"], 3)}
    else:
        factor, interval = round(memory["ease"] * 1000), max(1, round(memory["interval_days"]))
        left = 0 if is_review else 1
    data["cd"] = json.dumps({EXACT: _packed(known, memory, reviewed)}, separators=(",", ":"))
    return CardRow(
        card_id, note_id, deck, number,
        type=kind, queue=kind if is_review else LEARNING, due=due, interval=interval, factor=factor, left=left,
        data=json.dumps(data, separators=(",", ":")),
    )  # fmt: skip


def packed(row: CardRow, known: Known, days: Days) -> dict[str, Any]:
    """A card as it came, with what was made of it, so that it can go back as it is."""
    due = row.due + days.first.toordinal() if _counts_days(row) else row.due
    return {"row": [row.type, due, row.interval, row.factor, row.left, row.data], "known": _moments(known)}


def unpacked(kept: dict[str, Any], row: CardRow, known: Known, days: Days) -> CardRow | None:
    """`row` as it came, if it was not asked since; None if it was."""
    if kept.get("known") != _moments(known):
        return None
    kind, due, interval, factor, left, data = kept["row"]
    came = replace(row, type=kind, due=due, interval=interval, factor=factor, left=left, data=data)
    if not _counts_days(came):
        return replace(came, queue=LEARNING if kind else NEW)
    return replace(came, due=due - days.first.toordinal(), queue=REVIEW if kind == REVIEW else LEARNING_BY_DAYS)


def _counts_days(row: CardRow) -> bool:
    return row.type != NEW and row.due < A_MOMENT


def _moments(known: Known) -> list[str | None]:
    return [moment.isoformat() if moment else None for moment in (known.due_at, known.last_reviewed_at)]


def _kind_of_sm2(wait: timedelta) -> int:
    """SM-2 asks again in the same session what was not known."""
    return REVIEW if wait >= timedelta(days=1) else RELEARNING


def _data(text: str) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and 0 < value < A_MOMENT else None


def _last_reviewed(data: dict[str, Any], last: ReviewRow | None) -> datetime | None:
    if last is not None:
        return datetime.fromtimestamp(last.review_id / 1000, UTC)
    told = data.get("lrt")
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int) and A_MOMENT < told < A_MOMENT * 8 else None


def _due(row: CardRow, days: Days, reviewed: datetime | None) -> datetime:
    if row.due > A_MOMENT:
        return datetime.fromtimestamp(row.due, UTC)
    if reviewed is not None:
        precise = reviewed + timedelta(days=row.interval)
        if days.of(precise) == row.due:
            return precise
    return days.start(row.due)


def _fsrs(row: CardRow, stability: float, difficulty: float) -> Memory:
    steps = {LEARNING: LEARNING_STEPS, RELEARNING: RELEARNING_STEPS}.get(row.type)
    step = min(max(steps - row.left % 1000, 0), steps - 1) if steps else None
    return {"state": row.type, "step": step, "stability": stability, "difficulty": min(max(difficulty, 1.0), 10.0)}


def _dates(due: datetime, reviewed: datetime) -> Memory:
    return {"due": due.isoformat(), "last_review": reviewed.isoformat()}


def _repetitions(row: CardRow) -> int:
    """How often in a row it was known is not kept by Anki; what is forgotten begins anew."""
    return max(row.reps - row.lapses, 1) if row.type == REVIEW else 0


def _packed(known: Known, memory: Memory, reviewed: datetime) -> str:
    assert known.due_at is not None  # noqa: S101 - only cards that are remembered are packed
    dates = [_base36(_micros(known.due_at)), _base36(_micros(reviewed))]
    if known.scheduler == "fsrs":
        return ",".join(["f", repr(float(memory["stability"])), repr(float(memory["difficulty"])), *dates])
    state = [repr(memory["ease"]), repr(memory["interval_days"]), str(memory["repetitions"])]
    return ",".join(["m", *state, *dates])


def _exact(data: dict[str, Any], row: CardRow, days: Days) -> Known | None:
    """The exact state that travelled with the card, if Anki has not changed it since."""
    told = _data(data["cd"]).get(EXACT) if isinstance(data.get("cd"), str) else None
    with suppress(ValueError, OverflowError, TypeError, AttributeError):
        scheduler, *state, due_at, reviewed_at = told.split(",")  # type: ignore[union-attr]
        due, reviewed = _moment(due_at), _moment(reviewed_at)
        same_day = row.due == (int(due.timestamp()) if row.due > A_MOMENT else days.of(due))
        if same_day and data.get("lrt") == int(reviewed.timestamp()):
            memory = (_exact_fsrs if scheduler == "f" else _exact_sm2)(data, row, state)
            if memory is not None:
                name = "fsrs" if scheduler == "f" else "sm2"
                return Known(name, {**memory, **_dates(due, reviewed)}, due, reviewed)
    return None


def _exact_fsrs(data: dict[str, Any], row: CardRow, state: list[str]) -> Memory | None:
    stability, difficulty = (float(value) for value in state)
    if (data.get("s"), data.get("d")) != (round(stability, 4), round(difficulty, 3)):
        return None
    return _fsrs(row, stability, difficulty)


def _exact_sm2(_data: dict[str, Any], row: CardRow, state: list[str]) -> Memory | None:
    ease, interval, repetitions = float(state[0]), int(state[1]), int(state[2])
    if (row.factor, row.interval) != (round(ease * 1000), max(1, interval)):
        return None
    return {"ease": ease, "interval_days": interval, "repetitions": repetitions}


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _moment(packed: str) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(packed, 36))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
