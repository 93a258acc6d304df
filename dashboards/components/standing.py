"""What somebody has earned: points, level, streak, goals and badges, in words and widgets."""

from collections.abc import Callable
from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.motivation import BadgeMark, DayClosed, Earned, Goal, Motivation

REASONS = {
    "new_card": "New card",
    "review": "Card that was due",
    "question": "Question answered right",
    "wrong": "Question answered wrong",
    "guessed": "Question answered right, but more wrong than right today",
    "again": "Again on the same day",
    "early": "Card that was not due yet",
    "hasty": "Sooner after the one before than it can be read",
    "enough_new": "New card, beyond those that earn points in a day",
    "day_full": "Beyond the most points of a day",
    "undone": "Taken back",
}
OUTCOMES = {
    "counted": "studied",
    "frozen": "missed; a freeze kept the streak",
    "ended": "missed; the streak ended",
    "missed": "no points",
}
DAYS_TOLD, EARNED_TOLD = 7, 8


def summary(now: Motivation) -> None:
    """Level, streak and today, side by side."""
    level, streak = now.level, now.streak
    first, second, third = st.columns(3, gap="small")
    first.metric(
        "Level",
        level.number,
        f"{level.next_at - now.xp:,} points to level {level.number + 1}",
        delta_color="off",
        delta_arrow="off",
    )
    second.metric(
        "Streak",
        words.count(streak.days, "day"),
        "today counts" if streak.counts_today else "nothing earned yet today",
        delta_color="off",
        delta_arrow="off",
    )
    third.metric(
        "Today", words.count(now.today_xp, "point"), f"{now.xp:,} in all", delta_color="off", delta_arrow="off"
    )


def streak_card(now: Motivation) -> None:
    """The streak, its freezes, and the last days."""
    streak = now.streak
    with frame.card("streak"):
        frame.card_title(
            "Your days",
            f"Best streak: {words.count(streak.best, 'day')}. Freezes left: {streak.freezes} of {streak.most_freezes}; "
            f"each keeps the streak over one missed day. {streak.freeze_every} days in a row earn one.",
        )
        if now.days:
            st.html(f'<ul class="studium-rows">{"".join(map(_day, now.days[:DAYS_TOLD]))}</ul>')
        st.caption(f"A day ends at midnight, {words.plain(now.timezone)} time. A day you earn points on counts.")
        _zone(now)


def _day(day: DayClosed) -> str:
    told = f"{OUTCOMES[day.outcome]}{'; daily goal reached' if day.goal_met else ''}"
    return (
        f'<li><span class="grow">{words.day(day.day)}<span class="small">{escape(told)}</span></span>'
        f'<span class="end">{words.count(day.xp, "point")}</span></li>'
    )


def _zone(now: Motivation) -> None:
    here = st.context.timezone
    if here and here != now.timezone:
        st.button(
            f"Count my days in {words.plain(here)} time",
            icon=":material/schedule:",
            on_click=api.set_timezone,
            args=(here,),
            help="Your browser says that you are there.",
        )


def goals_card(now: Motivation) -> None:
    """What one set out to do, how far one is, and a way to change it."""
    with frame.card("goals"):
        frame.card_title("Your goals", "They are yours alone, and worth no points.")
        for goal in now.goals:
            _goal(goal, now.most_a_day)


def _goal(goal: Goal, most_a_day: int) -> None:
    daily = goal.kind == "daily_xp"
    label, most = ("Points a day", most_a_day) if daily else ("Days a week", 7)
    if goal.target:
        done = min(goal.done / goal.target, 1.0)
        text = f"{goal.done} of {goal.target} {'points today' if daily else 'days this week'}"
        st.progress(done, text=f"{text}{', reached' if done == 1 else ''}")
    key = f"goal_{goal.kind}"
    st.number_input(
        label,
        min_value=0,
        max_value=most,
        value=goal.target or 0,
        step=10 if daily else 1,
        key=key,
        on_change=_choose(goal, key),
        help="0 is no goal.",
    )


def _choose(goal: Goal, key: str) -> Callable[[], None]:
    def choose() -> None:
        api.set_goal(goal.kind, st.session_state[key] or None)

    return choose


def badges_card(badges: list[BadgeMark]) -> None:
    """Marks reached, and the next of those that are not."""
    with frame.card("badges"):
        reached = [badge for badge in badges if badge.awarded_at]
        frame.card_title("Badges", f"{len(reached)} of {len(badges)} reached.")
        ahead = [badge for badge in badges if not badge.awarded_at]
        ahead.sort(key=lambda badge: badge.done / badge.least, reverse=True)
        st.html(f'<ul class="studium-rows">{"".join(map(_badge, [*reached, *ahead[:3]]))}</ul>')


def _badge(badge: BadgeMark) -> str:
    how = words.short_day(badge.awarded_at) if badge.awarded_at else f"{badge.done:,} of {badge.least:,}"
    kind = "mine" if badge.awarded_at else "other"
    return (
        f'<li class="{kind}"><span class="grow">{escape(badge.title)}<span class="small">{escape(badge.what)}</span>'
        f'</span><span class="end">{how}</span></li>'
    )


def earned_card(now: Motivation) -> None:
    """What the last acts earned, and why no more."""
    with frame.card("earned"):
        frame.card_title("What you earned last")
        if not now.earned:
            frame.empty("stars", "No points yet", "Review a card that is due, or answer a question in practice.")
            return
        st.html(f'<ul class="studium-rows">{"".join(_earned(one, now) for one in now.earned[:EARNED_TOLD])}</ul>')


def _earned(one: Earned, now: Motivation) -> str:
    when = words.clock(one.happened_at, words.zone(now.timezone))
    points = words.count(one.xp, "point") if one.xp else "no points"
    return (
        f'<li><span class="grow">{escape(REASONS[one.reason])}<span class="small">{when}</span></span>'
        f'<span class="end">{points}</span></li>'
    )
