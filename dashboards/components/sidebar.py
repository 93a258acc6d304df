"""The sidebar beside the page names: which course, who is signed in, and the way out."""

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.components import frame
from studium.wire.accounts import Me, MyCourse

BESIDE = "beside"
ROLES = {"student": "Student", "instructor": "Instructor", "admin": "Administrator"}


def pick_course(person: Me) -> MyCourse | None:
    """The course to look at: a choice when there are several, the only one otherwise."""
    courses = {course.course_id: course for course in person.courses}
    if not courses:
        st.session_state.pop(frame.COURSE_KEY, None)
        return None
    if st.session_state.get(frame.COURSE_KEY) not in courses:
        st.session_state[frame.COURSE_KEY] = next(iter(courses))
    if len(courses) > 1:
        st.sidebar.selectbox(
            "Course",
            list(courses),
            format_func=lambda course_id: f"{courses[course_id].shortname} · {courses[course_id].fullname}",
            key=frame.COURSE_KEY,
        )
    return courses[st.session_state[frame.COURSE_KEY]]


def reserve() -> None:
    """Keep a place in the sidebar for the page, above who is signed in."""
    st.session_state[BESIDE] = st.sidebar.container()


def beside() -> DeltaGenerator:
    """What a page puts beside itself goes here."""
    place: DeltaGenerator = st.session_state[BESIDE]
    return place


def foot(person: Me) -> None:
    """Who is signed in, as what, and the way out; a plain form, because only a POST ends a session."""
    picked = st.session_state.get(frame.COURSE_KEY)
    role = next((course.role for course in person.courses if course.course_id == picked), None)
    docs = '<a href="/warehouse-docs" target="_blank">Warehouse documentation</a>' if person.is_admin else ""
    part = ROLES.get(role or ("admin" if person.is_admin else ""), "No course yet")
    st.sidebar.html(
        f'<div class="studium-who"><b>{escape(person.display_name)}</b>{part}{docs}'
        '<div><a href="/account" target="_self">Change password</a></div>'
        '<form method="post" action="/sign-out" target="_self"><button type="submit">Sign out</button></form></div>'
    )
