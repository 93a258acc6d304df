"""Where do I stand among those who chose to be compared?"""

from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, listening, words
from studium.wire.analytics import Leaderboard, Period

PERIODS: dict[Period, str] = {"week": "This week", "course": "League", "all": "All time"}
DEEDS = {
    ("completed", "module"): "Each module completed in Moodle",
    ("attempted", "quiz"): "Each quiz finished in Moodle for the first time",
    ("answered", "flashcard"): "Each card reviewed that is due or new",
    ("answered", "question"): "Each question answered right in practice, more the harder it is",
}
AT_LEAST_SECONDS = 60
"""How often the API is asked when the live socket tells of nothing, or is not to be had."""


def rows(board: Leaderboard) -> str:
    """The rows as a list; people between the first and the neighbours are shown as a gap."""
    best = max(entry.points for entry in board.entries) or 1
    parts, follows = [], 1
    for entry in board.entries:
        if entry.position > follows:
            parts.append(gap(entry.position - follows))
        follows = entry.position + 1
        who = f"{escape(entry.pseudonym)} (you)" if entry.is_me else escape(entry.pseudonym)
        parts.append(
            f'<li class="{"mine" if entry.is_me else "other"}"><span class="rank">{entry.rank}</span>'
            f'<span class="grow">{who}<span class="bar"><i style="width:{max(entry.points / best, 0):.0%}"></i></span>'
            f'</span><span class="end">{points(entry.points)}</span></li>'
        )
    if follows <= board.members:
        parts.append(gap(board.members + 1 - follows))
    return f'<ul class="studium-rows">{"".join(parts)}</ul>'


def points(number: float) -> str:
    """Whole points as such; those of the league, which weigh less from day to day, with a decimal."""
    return words.count(int(number), "point") if number == int(number) else f"{number:,.1f} points"


def gap(people: int) -> str:
    """A row for those who are not shown."""
    return (
        '<li class="other"><span class="rank" aria-hidden="true">⋯</span>'
        f'<span class="grow small">{words.count(people, "other")}</span></li>'
    )


def how_points_come_about(board: Leaderboard) -> None:
    """The rules in words, and what the points do not tell."""
    frame.card_title("How points come about")
    rules = [
        f'<li><span class="grow">{escape(DEEDS.get((rule.verb, rule.object_type), rule.object_type))}</span>'
        f'<span class="end">{f"{rule.points} to {rule.most} points" if rule.most else points(rule.points)}</span></li>'
        for rule in board.rules
    ]
    st.html(f'<ul class="studium-rows">{"".join(rules)}</ul>')
    st.caption(
        "Counted from what Moodle recorded and what you answered here, on the day it happened. Grades, ratings, time "
        "spent, the same card or question again on a day, and answers faster than they can be read earn nothing. Equal "
        "points share a rank."
    )


def how_the_league_goes(board: Leaderboard) -> None:
    """What becomes of points in the league."""
    told = (
        f"In the league a point weighs half after {words.count(board.half_life_days or 0, 'day')}, a little less from "
    )
    told += "midnight to midnight. Your points themselves stay: see All time."
    if board.next_day_points is not None:
        told += f" Yours weigh {points(board.next_day_points)} after the next midnight."
    st.caption(told)


def choice(board: Leaderboard) -> None:
    """Joining and leaving."""
    if board.my_pseudonym is None:
        st.html(
            '<p class="studium-note">Only learners of the course can join. You see what a learner sees who has not '
            "joined: pseudonyms, nobody's name.</p>"
        )
        return
    if board.opted_in:
        st.html(f'<p class="studium-note">Others see you as <b>{escape(board.my_pseudonym)}</b>, never by name.</p>')
        if st.button("Leave the leaderboard", icon=":material/visibility_off:"):
            api.choose_leaderboard(board.course_id, opted_in=False)
            st.rerun()
    else:
        st.html(
            '<p class="studium-note">You are not on the leaderboard: nobody sees your points. If you join, others see '
            f"you as <b>{escape(board.my_pseudonym)}</b>, never by name. You can leave at any time.</p>"
        )
        if st.button("Join the leaderboard", type="primary", icon=":material/leaderboard:"):
            api.choose_leaderboard(board.course_id, opted_in=True)
            st.rerun()


@st.fragment(run_every=AT_LEAST_SECONDS)
def board_card(course_id: str, period: Period) -> None:
    """The rows, read again whenever points move."""
    listening.listen("leaderboard:")
    with frame.problems_in_words(), frame.card("board"):
        board = api.leaderboard(course_id, period)
        frame.card_title(
            f"Week of {words.week(board.week_start)}" if board.week_start else PERIODS[board.period],
            f"{words.count(board.members, 'learner')} of the course {'takes' if board.members == 1 else 'take'} part.",
        )
        if board.entries:
            st.html(rows(board))
            if board.half_life_days:
                how_the_league_goes(board)
        else:
            frame.empty("emoji_events", "Nobody has joined yet", "The first to join starts the list.")


course = frame.current_course()
with frame.problems_in_words():
    chosen = api.leaderboard(course.course_id, "week")
    frame.heading(
        "Leaderboard",
        chosen.as_of,
        "The first few, and your neighbours once you take part; by choice, under pseudonyms",
    )
    period = st.segmented_control(
        "Period",
        list(PERIODS),
        format_func=PERIODS.__getitem__,
        default="week",
        required=True,
        label_visibility="collapsed",
    )
    left, right = st.columns([3, 2], gap="small")
    with left:
        board_card(course.course_id, period or "week")
    with right:
        with frame.card("choice"):
            frame.card_title("You")
            choice(chosen)
        with frame.card("rules"):
            how_points_come_about(chosen)
