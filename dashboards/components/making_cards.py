"""Cards of something else than what is proposed already: a note, an uploaded file, or one topic now."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from dashboards import api
from dashboards.components import proposed, words
from studium.wire.proposals import LONGEST_NOTE, CardsWanted, MadeCards

MADE = "cards_made"
WHAT = {"note": "A note", "upload": "One of my files", "topic": "A topic of the course"}


def form(course_id: str, topics: Mapping[str, str]) -> None:
    """Takes what cards are to be made of, and shows them."""
    what = st.segmented_control(
        "Of what", list(WHAT), default="note", format_func=WHAT.__getitem__, label_visibility="collapsed",
        key="make-of", required=True,
    )  # fmt: skip
    files = _files() if what == "upload" else {}
    with st.form("make-cards", border=False):
        wanted: dict[str, object] = {"course_id": course_id}
        if what == "note":
            wanted["title"] = st.text_input("What it is about", key="make-title", max_chars=200) or None
            wanted["text"] = st.text_area("The note", key="make-text", max_chars=LONGEST_NOTE, height=200)
        elif what == "upload":
            picked = st.selectbox("File", list(files), format_func=lambda one: words.plain(files[one]), key="make-file")
            wanted["document_id"] = picked
        else:
            wanted["topic_id"] = st.selectbox(
                "Topic", list(topics), format_func=lambda one: words.plain(topics[one]), key="make-topic"
            )
        sent = st.form_submit_button("Make cards", type="primary")
    if sent and any(wanted.get(name) for name in ("text", "document_id", "topic_id")):
        with st.spinner("Making cards. This takes a few seconds."):
            st.session_state[MADE] = api.card_proposals().make(CardsWanted.model_validate(wanted))
    elif sent:
        st.info("Give it something to make cards of.")
    if made := st.session_state.get(MADE):
        _shown(made)


def _files() -> dict[str, str]:
    return {str(one.document_id): one.title for one in api.uploads() if one.status == "ready"}


def _shown(made: MadeCards) -> None:
    if made.notice:
        st.info(words.plain(made.notice))
    decided = st.session_state.setdefault("decided", set())
    waiting = [one for one in made.proposals if one.proposal_id not in decided]
    if made.proposals:
        by = "by rule" if made.made_by == "rule" else f"by {made.made_by}"
        st.caption(words.plain(f"{words.count(len(made.proposals), 'card')} made {by}. Take those you want to learn."))
    for one in waiting:
        with st.container(border=True, key=f"made-{one.proposal_id}"):
            proposed.card(one, on_decided=partial(decided.add, one.proposal_id))
