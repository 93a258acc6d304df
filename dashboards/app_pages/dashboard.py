"""How far am I, and what should I do next?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, journey, words

course = frame.current_course()
with frame.problems_in_words():
    with st.skeleton(height=420):
        progress = api.progress(course.course_id)
        timezone = words.zone(api.course(course.course_id).timezone)
    frame.heading(course.fullname, progress.as_of)
    journey.show(progress, timezone)
