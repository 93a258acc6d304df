"""Random histories of acts: cards and questions, taken back now and then, over zones, clock changes and a leap day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from studium.events import Kind, Verb

ZONES = [
    *("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"),
    *("Pacific/Kiritimati", "Etc/GMT+12", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu"),
]
"""Half and quarter hours, both ends of the day, clocks that jump by half an hour, over midnight, and not at all."""
STARTS = [
    datetime(2028, 2, 27, 21, tzinfo=UTC),  # before a leap day
    datetime(2026, 10, 24, 20, tzinfo=UTC),  # before Europe's clocks go back
    datetime(2026, 3, 7, 20, tzinfo=UTC),  # before America's go forward
    datetime(2026, 12, 31, 8, tzinfo=UTC),
]


@dataclass(frozen=True)
class Step:
    """What happens next: an act, another zone, or the clock's close of day."""

    moment: datetime
    act: tuple[Verb, Kind, str, dict[str, Any]] | None = None
    zone: str | None = None


def history(random: Random, steps: int) -> tuple[str, list[Step]]:
    """A zone to begin in, and what happens from there."""
    moment = random.choice(STARTS) + timedelta(minutes=random.randrange(3000))
    return random.choice(ZONES), list(_steps(random, moment, steps))


def _steps(random: Random, moment: datetime, steps: int) -> Iterator[Step]:
    for _ in range(steps):
        moment += _pause(random)
        kind = random.random()
        if kind < 0.08:
            yield Step(moment, zone=random.choice(ZONES))
        elif kind < 0.16:
            yield Step(moment)
        else:
            yield Step(moment, act=_act(random))


def _pause(random: Random) -> timedelta:
    return random.choice(
        [
            timedelta(milliseconds=random.randrange(900)),
            timedelta(seconds=random.randrange(2, 90)),
            timedelta(hours=random.randrange(1, 30)),
            timedelta(hours=random.randrange(12, 60)),
            timedelta(days=random.choice([1, 1, 1, 2, 3, 9])),
            -timedelta(milliseconds=random.randrange(400)),  # two requests that began the other way round
        ]
    )


def _act(random: Random) -> tuple[Verb, Kind, str, dict[str, Any]]:
    chosen = random.random()
    if chosen < 0.07:
        target = random.choice([None, 4, 40])
        return Verb.UPDATED, Kind.OBJECTIVE, random.choice(["daily_xp", "weekly_days"]), {"target": target}
    thing = str(random.randrange(6))
    if chosen < 0.55:
        if chosen < 0.15:
            return Verb.VOIDED, Kind.FLASHCARD, thing, {}
        was_new = random.random() < 0.4
        return Verb.ANSWERED, Kind.FLASHCARD, thing, {"was_new": was_new, "was_due": not was_new and chosen < 0.45}
    result = {
        "is_correct": random.random() < 0.7,
        "p_correct": random.choice([None, round(random.random(), 6)]),
        "repeated": random.random() < 0.2,
    }
    return Verb.ANSWERED, Kind.QUESTION, thing, result
