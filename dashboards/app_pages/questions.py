"""What is asked in my course, where do answers fail, and what can I do about it?"""

import streamlit as st

from dashboards import api
from dashboards.components import asked, correcting, frame, reported, words
from studium.wire.questions import LEAST_ASKERS, QuestionsAsked

PRIVATE = (
    f"You see no conversation and no name. Questions are counted by a program, and of fewer than {LEAST_ASKERS} people "
    "nothing is shown; whole questions only where a learner agreed to it."
)
SOONER = f"Not before {LEAST_ASKERS} more people have asked, or a day has passed: sooner it would tell of one person."


def standing(found: QuestionsAsked) -> None:
    """Of which weeks this is, since when it stands, and a way to have it made anew."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if found.digest and found.made_at:
            digest, zone = found.digest, words.zone(api.me().timezone)
            span = f"{words.short_day(digest.since)} to {words.short_day(digest.until)}"
            cut = " Only the newest 5,000 are counted." if digest.is_cut else ""
            st.caption(f"Questions of {span}, put together {words.clock(found.made_at, zone)}.{cut}", width="content")
        if found.request:
            st.caption(":material/progress_activity: Being put together anew", width="content")
        elif st.button("Put together anew", key="refresh", icon=":material/refresh:", type="tertiary", help=SOONER):
            api.questions(found.course_id).refresh()
            st.rerun()


def is_busy() -> bool:
    """Whether something is being put together, or a correction read."""
    is_read = all(one.status != "processing" for one in api.corrections(course.course_id))
    return not is_read or api.questions_asked(course.course_id).request is not None


def watch() -> None:
    """Look every two seconds whether that has ended."""
    with frame.problems_in_words():
        if not is_busy():
            st.rerun()


def nothing(found: QuestionsAsked) -> None:
    """Says why there is nothing, and what to do."""
    if found.digest is None:
        frame.empty(
            "forum",
            "Nothing put together yet",
            "Once an hour the last four weeks are put together by what was meant. To do it now, use the button above.",
        )
    else:
        frame.empty(
            "group",
            f"Fewer than {LEAST_ASKERS} people asked in these four weeks",
            "So that nobody can be told apart, nothing is shown before three have. Tell them that Chat is there.",
        )


course = frame.current_course()
with frame.problems_in_words():
    found = api.questions_asked(course.course_id)
    frame.heading("Questions", course.as_of, f"What learners of {course.shortname} ask the tutor")
    st.html(f'<p class="studium-note">{PRIVATE}</p>')
    standing(found)
    if is_busy():
        st.fragment(watch, run_every=2)()
    if found.digest is None or found.digest.is_withheld:
        with frame.card("nothing"):
            nothing(found)
    else:
        asked.figures(found.digest)
    with frame.card("queue"):
        reported.queue(course.course_id)
    if found.digest and not found.digest.is_withheld:
        for name, part in (("gaps", asked.gaps), ("topics", asked.topics), ("pages", asked.pages)):
            with frame.card(name):
                part(found.digest)
    with frame.card("corrections"):
        correcting.made(course.course_id)
    with frame.card("golden"):
        correcting.golden(course.course_id)
