"""Thumbs under an answer: helpful or not, why not, and whether the course's teachers may see it."""

import streamlit as st

from dashboards import api
from dashboards.components import words as saying
from studium.client import ApiError, ChatTurn
from studium.wire.feedback import Feedback, FeedbackGiven, Reason

REASONS: dict[Reason, str] = {
    "wrong": "It is wrong",
    "not_in_course": "The course does not say that, or says it elsewhere",
    "unclear": "I do not understand it",
    "outdated": "It is out of date",
    "other": "Something else",
}
CONSENT = "Show my question and this answer to the course's teachers, without my name"
WHAT_IT_MEANS = (
    "They can correct it for everybody. They see the day, and nothing else of this conversation or of your own files. "
    "Your words may still tell who you are. You can take it back."
)
BECAME = {
    "open": "Your teachers can see it.",
    "corrected": "Your teachers wrote a correction.",
    "dismissed": "Your teachers have seen it.",
}


def feedback(turn: ChatTurn) -> None:
    """The thumbs of one answer that is over."""
    if turn.answer is None:
        return
    given = api.ratings().get(turn.turn_id)
    verdict = given.verdict if given else None
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"rate-{turn.number}"):
        st.button(
            "Helpful", key=f"up-{turn.number}", icon=":material/thumb_up:", on_click=_thumb_up, args=[turn, verdict],
            type="secondary" if verdict == "up" else "tertiary", help="Take it back" if verdict == "up" else None,
        )  # fmt: skip
        kind = "secondary" if verdict == "down" else "tertiary"
        with st.popover("Not helpful", icon=":material/thumb_down:", type=kind, key=f"down-{turn.number}"):
            _reasons(turn, given if verdict == "down" else None)
        if given and given.report_status:
            st.caption(BECAME[given.report_status])


def _thumb_up(turn: ChatTurn, verdict: str | None) -> None:
    try:
        if verdict == "up":
            api.unrate(turn.turn_id)
        else:
            api.rate(turn.turn_id, FeedbackGiven(verdict="up"))
    except ApiError as error:
        st.toast(saying.plain(error.problem.detail or error.problem.title), icon=":material/error:")


def _reasons(turn: ChatTurn, given: Feedback | None) -> None:
    with st.form(f"reasons-{turn.number}", border=False):
        chosen = st.radio(
            "What is not good about it?",
            list(REASONS),
            index=list(REASONS).index(given.reason) if given and given.reason else None,
            format_func=lambda reason: REASONS[reason],
        )
        words = st.text_area("In your words (optional)", value=(given and given.words) or "", max_chars=1000, height=68)
        is_shared = st.checkbox(CONSENT, value=bool(given and given.is_shared))
        st.caption(WHAT_IT_MEANS)
        sent = st.form_submit_button("Change it" if given else "Send", type="primary")
    if sent and chosen is None:
        st.warning("Choose what is not good about it.", icon=":material/info:")
    elif sent and chosen:
        said = FeedbackGiven(verdict="down", reason=chosen, words=words.strip() or None, is_shared=is_shared)
        api.rate(turn.turn_id, said)
        st.rerun()
    if given and st.button("Take it back", key=f"unrate-{turn.number}", type="tertiary"):
        api.unrate(turn.turn_id)
        st.rerun()
