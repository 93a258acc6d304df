"""What do I do until my exam, and how much will I know on the day?"""

from datetime import datetime

import streamlit as st

from dashboards import api
from dashboards.components import frame, planning, words
from studium.wire.plan import StudyPlan

SAID = {
    "no_exam": ("event", "No exam yet", "Say when your exam is, and you get a plan day by day to it."),
    "exam_past": ("event_available", "This exam is over", "Choose the day of the next one above."),
    "too_far": ("event_upcoming", "That is more than a year away", "A plan is made for exams within a year."),
    "no_cards": (
        "style",
        "No cards in this course yet",
        "Write some on Smart Study, or have them made of your course's pages. The plan spreads them over the days.",
    ),
    "waiting": ("hourglass_top", "Your plan is being made", "That takes some seconds; this page shows it by itself."),
}


def standing(plan: StudyPlan) -> None:
    """Since when this plan stands, and a way to have it made anew."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if plan.made_at:
            at = words.clock(plan.made_at, timezone)
            st.caption(f"Worked out {at}. Made anew at night and after you study.", width="content")
        if plan.is_making:
            st.caption(":material/progress_activity: Being worked out anew", width="content")
        elif st.button("Work it out anew", key="plan-refresh", icon=":material/refresh:", type="tertiary"):
            api.plans(course.course_id).refresh()
            st.rerun()


def watch() -> None:
    """Look every two seconds whether it is made."""
    with frame.problems_in_words():
        if not api.plans(course.course_id).read().is_making:
            st.rerun()


course = frame.current_course()
with frame.problems_in_words():
    frame.heading("Plan", note=f"The way to your exam in {course.shortname}; only you see this page")
    timezone = words.zone(api.me().timezone)
    calls = api.plans(course.course_id)
    plan = calls.read()
    if plan.target_exam_date:
        standing(plan)
    if plan.is_making:
        st.fragment(watch, run_every=2)()
    with frame.card("exam"):
        planning.choosing(plan, datetime.now(timezone).date())
    if plan.outlook is None or not plan.outlook.days:
        with frame.card("nothing"):
            frame.empty(*SAID[plan.status])
    else:
        if plan.is_outdated:
            st.info("You have chosen another day or other minutes since: the new plan is on its way.")
        with frame.card("promised"):
            planning.promised(plan, plan.outlook)
        with frame.card("today"):
            planning.today(calls.today())
        with frame.card("days"):
            planning.days(plan, plan.outlook)
        with frame.card("changing"):
            planning.changing(plan, plan.outlook)
    with frame.card("memory"):
        planning.memory(calls.memory())
