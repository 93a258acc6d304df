"""Closing days: what becomes of a streak at midnight. The same whether a job closes the day or the next act does."""

from dataclasses import replace
from datetime import date, timedelta

from studium.motivation.standing import Closing, Outcome, Standing

FREEZE_EVERY = 7
MOST_FREEZES = 2
ONE_DAY = timedelta(days=1)


def close(standing: Standing, until: date) -> tuple[Standing, list[Closing]]:
    """Close every day before `until`. Days on which there was nothing to lose and nothing done leave no row."""
    closings: list[Closing] = []
    while standing.open_day < until:
        if standing.streak == 0 and standing.today_acts == 0:
            return replace(standing, open_day=until), closings
        standing, closing = _close_one(standing)
        closings.append(closing)
    return standing, closings


def _close_one(now: Standing) -> tuple[Standing, Closing]:
    outcome, streak, freezes = _after(now)
    met = now.daily_goal is not None and now.today_xp >= now.daily_goal
    closed = replace(
        now,
        open_day=now.open_day + ONE_DAY,
        streak=streak,
        best_streak=max(now.best_streak, streak),
        freezes=freezes,
        goal_days=now.goal_days + met,
        today_xp=0,
        today_acts=0,
        today_new=0,
        today_margin=0,
    )
    return closed, Closing(
        day=now.open_day,
        xp=now.today_xp,
        acts=now.today_acts,
        outcome=outcome,
        streak=streak,
        best_streak=closed.best_streak,
        freezes=freezes,
        daily_goal=now.daily_goal,
        goal_met=met,
    )


def _after(now: Standing) -> tuple[Outcome, int, int]:
    if now.today_counts:
        streak = now.streak + 1
        earned = streak % FREEZE_EVERY == 0 and now.freezes < MOST_FREEZES
        return "counted", streak, now.freezes + earned
    if now.streak == 0:
        return "missed", 0, now.freezes
    if now.freezes:
        return "frozen", now.streak, now.freezes - 1
    return "ended", 0, 0
