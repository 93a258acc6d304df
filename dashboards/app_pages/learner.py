"""How is one of my learners doing?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, journey, words

QUERY = "learner"


def picked_learner(course_id: str) -> str | None:
    """The learner chosen here, or named in the page's address by the Cohort page."""
    people = {learner.learner_id: learner.full_name for learner in api.learners(course_id)}
    wanted = st.query_params.get(QUERY)
    index = list(people).index(wanted) if wanted in people else None
    choice: str | None = st.selectbox(
        "Learner", list(people), index=index, format_func=people.__getitem__, placeholder="Choose a learner", width=420
    )
    if choice:
        st.query_params[QUERY] = choice
    return choice


course = frame.current_course()
with frame.problems_in_words():
    frame.heading("Learner", course.as_of, f"{course.shortname}: one person's way through the course")
    learner_id = picked_learner(course.course_id)
    if learner_id is None:
        frame.empty("search", "Nobody chosen", "Choose a learner to see their progress, activity and quiz results.")
        st.stop()
    with st.skeleton(height=420):
        progress = api.progress(course.course_id, learner_id)
        timezone = words.zone(api.course(course.course_id).timezone)
    st.header(words.plain(progress.full_name), anchor=False)
    journey.show(progress, timezone)
