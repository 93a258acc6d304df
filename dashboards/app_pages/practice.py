"""What can I do already, and how well do I know that?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, own_questions, practising, words

course = frame.current_course()
with frame.problems_in_words():
    frame.heading(
        "Practice",
        course.as_of,
        f"Questions near your level, on what you know least. {practising.KEYS}",
    )
    topics = {one.topic_id: one.topic_name for one in api.practice(course.course_id).standing() if one.topic_name}
    wanted = st.query_params.get("topic")
    picked = st.selectbox(
        "Topic",
        [None, *topics],
        index=1 + list(topics).index(wanted) if wanted in topics else 0,
        format_func=lambda one: words.plain(topics[one]) if one else "What I know least",
        key="practice-topic",
        label_visibility="collapsed",
    )
    practising.practise(course.course_id, picked)
    own_questions.offer(course.course_id, picked)
