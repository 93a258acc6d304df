"""Where do I stand among those who chose to be compared?"""

from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.analytics import Leaderboard, Period

PERIODS: dict[Period, str] = {"week": "This week", "all": "Whole course"}


DEEDS = {
    ("completed", "module"): "Each module completed",
    ("attempted", "quiz"): "Each quiz finished for the first time",
}


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
            f'<span class="grow">{who}<span class="bar"><i style="width:{entry.points / best:.0%}"></i></span></span>'
            f'<span class="end">{words.count(entry.points, "point")}</span></li>'
        )
    if follows <= board.members:
        parts.append(gap(board.members + 1 - follows))
    return f'<ul class="studium-rows">{"".join(parts)}</ul>'


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
        f"<li><span class='grow'>{escape(DEEDS.get((rule.verb, rule.object_type), f'{rule.object_type} {rule.verb}'))}"
        f"</span><span class='end'>{words.count(rule.points, 'point')}</span></li>"
        for rule in board.rules
    ]
    st.html(f'<ul class="studium-rows">{"".join(rules)}</ul>')
    st.caption(
        "Counted from what Moodle recorded, on the day it happened. Grades, time spent and how often one tries earn "
        "nothing. Equal points share a rank."
    )


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


course = frame.current_course()
with frame.problems_in_words():
    frame.heading(
        "Leaderboard",
        course.as_of,
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
    with st.skeleton(height=300):
        board = api.leaderboard(course.course_id, period or "week")
    left, right = st.columns([3, 2], gap="small")
    with left, frame.card("board"):
        frame.card_title(
            f"Week of {words.week(board.week_start)}" if board.week_start else PERIODS[board.period],
            f"{words.count(board.members, 'learner')} of the course {'takes' if board.members == 1 else 'take'} part.",
        )
        if board.entries:
            st.html(rows(board))
        elif board.opted_in:
            frame.empty(
                "emoji_events",
                "No points yet",
                "Complete a module or finish a quiz in Moodle; points follow with the next import.",
            )
        else:
            frame.empty("emoji_events", "Nobody has joined yet", "The first to join starts the list.")
    with right:
        with frame.card("choice"):
            frame.card_title("You")
            choice(board)
        with frame.card("rules"):
            how_points_come_about(board)
