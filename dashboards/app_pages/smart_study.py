"""Which cards am I about to forget, and do I still know them?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, reviewing, study_settings, words, writing_cards

KEYS = "Space shows the answer; 1 to 4 say how well you knew it; U takes the last one back."


def filters() -> dict[str, str]:
    """Which cards are asked: of the course, of one of its decks, or of everything one learns."""
    decks = {str(deck.deck_id): deck.name for deck in api.cards().decks(course.course_id)}
    names = {"": f"All of {course.shortname}", **decks, "all": "Everything I learn"}
    picked = st.selectbox(
        "Cards", list(names), format_func=lambda one: words.plain(names[one]), key="study-what",
        label_visibility="collapsed",
    )  # fmt: skip
    if picked == "all":
        return {}
    return {"deck_id": picked} if picked else {"course_id": course.course_id}


def nothing() -> None:
    """Says that there are no cards yet, and where they come from."""
    frame.empty(
        "style",
        "No cards here yet",
        "Write one below, or take proposals made of your course's pages on New cards. "
        "They come back just before you would forget them.",
    )


course = frame.current_course()
with frame.problems_in_words():
    frame.heading("Smart Study", note=f"Cards of {course.shortname}, each when you are about to forget it. {KEYS}")
    wanted = filters()
    if not reviewing.is_begun(wanted):
        reviewing.begin(api.cards().due(**wanted), wanted)
    if reviewing.is_empty() and not api.cards().list(**wanted, limit=1).items:
        with frame.card("nothing"):
            nothing()
    else:
        reviewing.table()
    with st.expander("Write a card", icon=":material/add:"):
        if writing_cards.form(course.course_id):
            reviewing.forget()
            st.rerun()
    with st.expander("How I study this course", icon=":material/tune:"):
        study_settings.form(course.course_id)
