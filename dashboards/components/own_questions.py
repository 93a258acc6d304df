"""Questions made for oneself, where the bank has too few: of the pages one may see, and nobody else's."""

import streamlit as st

from dashboards import api
from dashboards.components import words
from studium.client import ApiError
from studium.wire.question_bank import Difficulty

LEVELS: tuple[Difficulty, ...] = ("easy", "medium", "hard")
TOLD = "own-questions-told"


def offer(course_id: str, topic_id: str | None) -> None:
    """Have some made about a topic; they come up among the others."""
    with st.expander("Have more questions made", icon=":material/auto_awesome:", key="own-questions"):
        st.caption(
            "Of the course's own pages. A rule makes them, or a model whose questions are held against the pages; "
            "each says after the answer which words it rests on. Only you are asked them."
        )
        with st.form("own-questions-form", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            level = st.selectbox("How hard", LEVELS, index=1)
            count = st.number_input("How many", 1, 20, 5)
            sent = st.form_submit_button("Make them", icon=":material/auto_awesome:")
        if sent:
            with st.spinner("Reading the pages"):
                st.session_state[TOLD] = _made(course_id, topic_id, level, int(count))
            st.rerun()
        if told := st.session_state.pop(TOLD, None):
            st.info(words.plain(told), icon=":material/info:")


def _made(course_id: str, topic_id: str | None, level: Difficulty, count: int) -> str:
    try:
        made = api.question_bank(course_id).make_own(topic_id=topic_id, difficulty=level, count=count)
    except ApiError as error:
        return error.problem.detail or error.problem.title
    by = "" if made.made_by is None else ", by rule" if made.made_by == "rule" else f", by a model ({made.made_by})"
    told = f"{words.count(len(made.question_ids), 'question')} made for you{by}." if made.question_ids else ""
    return " ".join(filter(None, [told, made.notice]))
