"""Where do I stand among those who chose to be compared?"""

from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.analytics import Leaderboard, Period

PERIODS: dict[Period, str] = {"week": "This week", "all": "Whole course"}


def rows(board: Leaderboard) -> str:
    """The rows as a list; a gap between ranks is shown as one."""
    best = max(entry.points for entry in board.entries) or 1
    parts, follows = [], board.entries[0].rank
    for entry in board.entries:
        if entry.rank > follows:
            parts.append('<li aria-hidden="true"><span class="rank">⋯</span></li>')
        follows = max(follows, entry.rank) + 1  # equal points share a rank, and the next one skips as many
        who = f"{escape(entry.pseudonym)} (you)" if entry.is_me else escape(entry.pseudonym)
        parts.append(
            f'<li class="{"mine" if entry.is_me else "other"}"><span class="rank">{entry.rank}</span>'
            f'<span class="grow">{who}<span class="bar"><i style="width:{entry.points / best:.0%}"></i></span></span>'
            f'<span class="end">{words.count(entry.points, "point")}</span></li>'
        )
    return f'<ul class="studium-rows">{"".join(parts)}</ul>'


def choice(board: Leaderboard) -> None:
    """Joining and leaving."""
    if board.my_pseudonym is None:
        st.caption("Only learners of the course can join. You see it as they do: pseudonyms, nobody's name.")
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
        "Leaderboard", course.as_of, "Points for modules completed and quizzes first finished; only for those who join"
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
        frame.card_title(f"Week of {words.week(board.week_start)}" if board.week_start else PERIODS[board.period])
        if board.entries:
            st.html(rows(board))
        elif board.opted_in:
            frame.empty(
                "emoji_events",
                "No points yet",
                "Complete a module or finish a quiz in Moodle; points follow with the next import.",
            )
        else:
            frame.empty("emoji_events", "Nothing to compare", "You see your neighbours once you have joined.")
    with right, frame.card("choice"):
        frame.card_title("You")
        choice(board)
