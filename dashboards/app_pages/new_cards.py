"""Which cards could I learn from what I am given to read?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, making_cards, proposed, words

course = frame.current_course()
with frame.problems_in_words():
    frame.heading(
        "New cards",
        course.as_of,
        f"Proposed from pages, glossaries and questions of {course.shortname}. You learn those you take, no others.",
    )
    topics = {one.topic_id: one.name for one in api.topics(course.course_id)}
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    picked = left.selectbox(
        "Topic",
        [None, *topics],
        format_func=lambda one: words.plain(topics[one]) if one else "All topics",
        key="proposals-topic",
        label_visibility="collapsed",
    )
    refused = right.toggle("Show those I refused", key="proposals-refused")
    proposed.listed(course.course_id, picked, refused=refused)
    with st.expander("Make cards of something else", icon=":material/auto_awesome:"):
        making_cards.form(course.course_id, topics)
