"""Are my courses as their Moodle has them, and what is happening to them right now?"""

import streamlit as st

from dashboards import api
from dashboards.components import following, frame, linking, listening

AT_LEAST_SECONDS = 20
"""How often the API is asked when the live socket tells of nothing, or is not to be had."""


def nothing(connected: bool) -> None:
    """Says what is missing."""
    link = api.moodle_link()
    if connected and link.reads_courses:
        title = "No course of yours is read yet" if link.linked else "Link your Moodle account"
        how = (
            "Your courses there are looked at every half hour, and appear here."
            if link.linked
            else ("Your courses are read as you see them there; they appear here soon after you have linked it, below.")
        )
        frame.empty("travel_explore", title, how)
    elif connected:
        frame.empty(
            "travel_explore",
            "No course of yours has been found there yet",
            "The connected Moodle is looked at every half hour; its courses appear here.",
        )
    else:
        how = (
            " To have them follow their Moodle, set STUDIUM_MOODLE_URL and STUDIUM_MOODLE_TOKEN; studium moodle check "
            "then tells what the token may read."
        )
        frame.empty(
            "sync_disabled",
            "No Moodle is connected",
            f"Courses stay as they were imported.{how if api.me().is_admin else ''}",
        )


def watch() -> None:
    """The courses, looked at again whenever something happens to them."""
    listening.listen()
    with frame.problems_in_words():
        status = api.sync_status()
        if not status.courses:
            nothing(status.connected)
        elif not status.connected:
            st.info("No Moodle is connected at the moment: courses stay as they are.", icon=":material/sync_disabled:")
        names = {course.course_id: f"{course.shortname} · {course.fullname}" for course in api.me().courses}
        for course in status.courses:
            following.row(course, names.get(course.course_id) or course.shortname or course.course_id)
        busy = any(course.request for course in status.courses)
        if busy != st.session_state.get("live_sync_busy", False):
            if not busy:
                api.forget()
            st.session_state["live_sync_busy"] = busy
            st.rerun()


picked = st.session_state.get(frame.COURSE_KEY)
with frame.problems_in_words():
    as_of = next((course.as_of for course in api.me().courses if course.course_id == picked), None)
    frame.heading("Live Sync", as_of, "Your courses as their Moodle has them, looked at every half hour")
    with frame.card("courses"):
        frame.card_title("Courses")
        st.fragment(watch, run_every=AT_LEAST_SECONDS)()
    linking.card()
