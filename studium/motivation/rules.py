"""What an act earns: pure, from the act, what the ledger says of its object, and where the learner stands.

What counts is only what the server saw. Ratings, durations and confidence earn nothing by themselves: nobody gains by
saying a card was easy, or that it was hard. The reasons why an act earned nothing are kept, so that they can be shown.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import floor
from typing import Any

from studium.events import Kind, Verb
from studium.motivation import badges
from studium.motivation.days import day_of
from studium.motivation.goals import with_goal
from studium.motivation.standing import Act, Before, Closing, Entry, Reason, Standing
from studium.motivation.streaks import close

CARD_XP = 2
QUESTION_XP = 3
HARD_XP = 5
"""What a question is worth beside QUESTION_XP, times how improbable it was to answer it right."""
DAY_XP = 200
MARGIN: dict[Reason, int] = {"question": 1, "guessed": 1, "wrong": -1}
"""Of a day on which more was answered wrong than right, right answers earn nothing: guessing gains nobody points."""
NEW_CARDS = 20
"""New cards a day that earn: making many of them gains no more."""
PACE = {Kind.FLASHCARD: timedelta(seconds=1), Kind.QUESTION: timedelta(seconds=2)}
"""Nobody reads faster; acts that follow the one before sooner are clicks."""
ANSWERED = frozenset(PACE)


@dataclass(frozen=True)
class Told:
    """What an act leads to."""

    standing: Standing
    entry: Entry | None
    closings: tuple[Closing, ...]
    badges: frozenset[str]
    """Those whose mark is reached now and was not before the act; who has one keeps the one they have."""


def begin(act: Act) -> Standing:
    """Where somebody stands who has never acted."""
    return Standing(zone=act.zone, open_day=day_of(act.happened_at, act.zone, act.zone, None))


def at(standing: Standing, moment: datetime) -> tuple[Standing, list[Closing]]:
    """Where somebody stands at a moment after their last act."""
    return close(standing, day_of(moment, standing.zone, standing.zone, standing.open_day))


def day_of_act(standing: Standing, act: Act) -> date:
    """The day an act counts for."""
    return day_of(act.happened_at, act.zone, standing.zone, standing.open_day)


def tell(standing: Standing, act: Act, before: Before) -> Told:
    """Close the days that are over, and give the act what it earns."""
    opened, closings = close(standing, day_of_act(standing, act))
    opened = replace(opened, zone=act.zone)
    entry = _entry(opened, act, before)
    after = opened
    if act.verb is Verb.UPDATED and act.kind is Kind.OBJECTIVE:
        after = with_goal(opened, act)
    elif entry is not None:
        after = _with_entry(opened, entry, before)
    if act.verb is Verb.ANSWERED:
        after = replace(after, last_act_at=act.happened_at)
    return Told(after, entry, tuple(closings), badges.reached(after) - badges.reached(opened))


def _entry(now: Standing, act: Act, before: Before) -> Entry | None:
    if act.kind not in ANSWERED:
        return None
    if act.verb is Verb.VOIDED:
        return None if before.last is None else _entry_of(now, act, "undone", -before.last.xp, before.last)
    if act.verb is not Verb.ANSWERED:
        return None
    reason, xp = _earned(now, act, before)
    left = DAY_XP - max(now.today_xp, 0)
    return _entry_of(now, act, "day_full" if xp and not left else reason, min(xp, left))


def _entry_of(now: Standing, act: Act, reason: Reason, xp: int, voided: Entry | None = None) -> Entry:
    return Entry(
        event_id=act.event_id,
        kind=act.kind,
        object_id=act.object_id,
        course_id=voided.course_id if voided else act.course_id,
        learner_id=voided.learner_id if voided else act.learner_id,
        day=now.open_day,
        xp=xp,
        reason=reason,
        happened_at=act.happened_at,
        voids=voided.event_id if voided else None,
    )


def _earned(now: Standing, act: Act, before: Before) -> tuple[Reason, int]:
    if now.last_act_at is not None and act.happened_at - now.last_act_at < PACE[act.kind]:
        return "hasty", 0
    # a question that was answered wrong has shown its answer
    seen = before.last is not None and before.last.day == now.open_day and act.kind is Kind.QUESTION
    if before.earned_today or seen:
        return "again", 0
    return _of_card(now, act.result) if act.kind is Kind.FLASHCARD else _of_question(now, act.result)


def _of_card(now: Standing, result: dict[str, Any]) -> tuple[Reason, int]:
    if result.get("was_new") is True:
        return ("new_card", CARD_XP) if now.today_new < NEW_CARDS else ("enough_new", 0)
    return ("review", CARD_XP) if result.get("was_due") is True else ("early", 0)


def _of_question(now: Standing, result: dict[str, Any]) -> tuple[Reason, int]:
    if result.get("is_correct") is not True:
        return "wrong", 0
    if result.get("repeated") is True:
        return "again", 0
    if now.today_margin < -1:
        return "guessed", 0
    expected = result.get("p_correct")
    if not isinstance(expected, int | float) or not 0 <= expected <= 1:
        expected = 1
    return "question", QUESTION_XP + floor(HARD_XP * (1 - expected) + 0.5)


def _with_entry(now: Standing, entry: Entry, before: Before) -> Standing:
    """The standing with the entry in it; what is taken back counts as not done."""
    told, sign = (entry, 1) if entry.voids is None or before.last is None else (before.last, -1)
    earned = sign if told.xp > 0 else 0
    is_today = told.day == now.open_day
    return replace(
        now,
        xp=now.xp + entry.xp,
        today_xp=now.today_xp + entry.xp,
        today_acts=now.today_acts + 1,
        today_new=now.today_new + (earned if told.reason == "new_card" and is_today else 0),
        today_margin=now.today_margin + (sign * MARGIN.get(told.reason, 0) if is_today else 0),
        reviews=now.reviews + (earned if told.kind is Kind.FLASHCARD else 0),
        right_answers=now.right_answers + (earned if told.kind is Kind.QUESTION else 0),
    )
