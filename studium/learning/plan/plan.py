"""A plan put together: the days to the exam, what will be known on the day, and what other minutes would change."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from studium.learning.memory.fsrs6 import DEFAULTS
from studium.learning.plan.choosing import Terms, choose
from studium.learning.plan.deck import Deck
from studium.learning.plan.recall import Range, range_of
from studium.learning.plan.simulate import Lives, likely_now, simulate
from studium.wire.plan import Alternative, Expected, Model, Outlook, PlanDay, TodaysCard, Why

MINUTES = (5, 10, 15, 20, 30, 45, 60, 90)
LIVES, STATES = 128, 60_000
"""As many lives as there are figures for, and fewer where there are many cards: those even out by themselves."""
FEWEST = 32


def lives_for(cards: int) -> int:
    """How many lives a plan is simulated in."""
    return int(np.clip(STATES // max(cards, 1), FEWEST, LIVES))


def terms_for(
    deck: Deck, today: date, exam: date, minutes: int, easy_days: Sequence[int], new_per_day: int, desired: float
) -> Terms:
    """What a plan of so many minutes a day is bound by; today has what is left of it."""
    days = range((exam - today).days)
    allowed = np.array([minutes * easy_days[(today + timedelta(days=day)).weekday()] / 100 for day in days])
    if len(allowed):
        allowed[0] = max(0.0, allowed[0] - deck.minutes_today)
    habits = deck.habits
    return Terms(len(days), allowed, new_per_day, desired, habits.review_minutes, habits.new_minutes, deck.begun_today)


def outlook(deck: Deck, today: date, chosen: int, by_minutes: dict[int, Terms], seed: int) -> Outlook:
    """Simulate the plan, and what would come of other minutes a day.

    Args:
        deck: the cards and what is known of the learner.
        today: the learner's own day.
        chosen: minutes a day.
        by_minutes: what plans are bound by, the chosen minutes' among them.
        seed: what decides; each plan meets the same luck, so that they differ by their minutes alone.
    """
    plans = {minutes: _live(deck, terms, seed) for minutes, terms in by_minutes.items()}
    lives, terms = plans[chosen], by_minutes[chosen]
    now = likely_now(deck.cards, deck.parameters, deck.correction, lives_for(len(deck.ids)), _chance(seed))
    model: Model = "usual" if deck.parameters == DEFAULTS else "own"
    return Outlook(
        cards=len(deck.ids),
        new_cards=int((~deck.cards.seen).sum()),
        reviews_heard=deck.correction.reviews,
        model=model,
        today=_told(range_of(now, _chance(seed))),
        expected=_told(range_of(lives.on_the_day, _chance(seed))),
        unseen_cards=_unseen(lives),
        days=[_day(lives, terms, today, number) for number in range(terms.exam)],
        alternatives=[_alternative(minutes, plan, seed) for minutes, plan in sorted(plans.items())],
    )


def todays(deck: Deck, terms: Terms) -> tuple[list[TodaysCard], float]:
    """The cards of today, the most wanted first, and the minutes they take."""
    cards = deck.cards
    chosen = choose(cards, 0, terms, deck.parameters)
    told, minutes = [], 0.0
    for column in chosen:
        seen = bool(cards.seen[0, column])
        why: Why = "new" if not seen else "due" if cards.due[0, column] <= 0 else "early"
        told.append(TodaysCard(card_id=deck.ids[column], why=why))
        minutes += terms.review_minutes if seen else terms.new_minutes
    return told, minutes


def _live(deck: Deck, terms: Terms, seed: int) -> Lives:
    count = lives_for(len(deck.ids))
    return simulate(deck.cards, terms, deck.parameters, deck.habits, deck.correction, lives=count, chance=_chance(seed))


def _chance(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _told(found: Range) -> Expected:
    return Expected(mean=round(found.mean, 4), low=round(found.low, 4), high=round(found.high, 4))


def _unseen(lives: Lives) -> float:
    return round(float((lives.on_the_day == 0).sum(axis=1).mean()), 1)


def _day(lives: Lives, terms: Terms, today: date, number: int) -> PlanDay:
    return PlanDay(
        day=today + timedelta(days=number),
        new_cards=round(float(lives.new[number]), 1),
        reviews=round(float(lives.reviews[number]), 1),
        minutes=round(float(lives.minutes[number]), 1),
        minutes_allowed=round(float(terms.minutes[number]), 1),
        recall=round(float(lives.recalled[number]), 4),
    )


def _alternative(minutes: int, lives: Lives, seed: int) -> Alternative:
    return Alternative(
        minutes_a_day=minutes,
        expected=_told(range_of(lives.on_the_day, _chance(seed))),
        unseen_cards=_unseen(lives),
        minutes_a_day_used=round(float(lives.minutes.mean()), 1),
    )
