"""What should I do next, and how far am I?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, journey, next_steps, standing, words

course = frame.current_course()
with frame.problems_in_words():
    with st.skeleton(height=420):
        steps = api.learning(course.course_id).next_steps()
        earned = api.motivation()
        progress = api.progress(course.course_id)
        timezone = words.zone(api.course(course.course_id).timezone)
    frame.heading(course.fullname, progress.as_of)
    with frame.card("steps"):
        next_steps.show(steps)
    with frame.card("earned-so-far"):
        standing.summary(earned)
    journey.show(progress, timezone)
