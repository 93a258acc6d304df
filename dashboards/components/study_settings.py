"""How one studies a course: which scheduler, how much is to be known, how many new cards, which days are easy."""

import streamlit as st

from dashboards import api
from dashboards.components import frame
from studium.wire.cards import Scheduler, SettingsChange, StudySettings

SCHEDULERS: dict[Scheduler, str] = {
    "fsrs": "FSRS: learns how your memory works",
    "sm2": "SM-2: fixed steps, the classic one",
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHARES = {100: "as usual", 50: "half", 0: "off"}
RETENTION = "Cards come back when you are expected to know this many of them. More means more reviews."
OFF = "On half days you get about half of your cards, on days off as few as possible; the others move by a few days."


def form(course_id: str) -> None:
    """Shows and changes them."""
    now = api.cards().settings(course_id)
    with st.form("study-settings", border=False):
        wanted = _fields(now)
        if st.form_submit_button("Keep", type="primary"):
            with frame.problems_in_words():
                api.cards().change_settings(wanted, course_id)
                st.toast("Kept. It holds from the next card on.", icon=":material/check:")


def _fields(now: StudySettings) -> SettingsChange:
    scheduler = st.radio(
        "When cards come back", list(SCHEDULERS), index=list(SCHEDULERS).index(now.scheduler),
        format_func=SCHEDULERS.__getitem__, key="study-scheduler",
    )  # fmt: skip
    left, right = st.columns(2)
    retention = left.slider(
        "To be known, in percent", 70, 99, round(100 * now.desired_retention), help=RETENTION, key="study-retention"
    )
    most = right.number_input("New cards a day", 0, 9999, now.new_per_day, key="study-new")
    st.caption(OFF)
    days = [
        column.selectbox(
            name, list(SHARES), index=_nearest(share), format_func=SHARES.__getitem__, key=f"study-day-{name}"
        )
        for name, share, column in zip(DAYS, now.easy_days, st.columns(7), strict=True)
    ]
    return SettingsChange(scheduler=scheduler, desired_retention=retention / 100, new_per_day=int(most), easy_days=days)


def _nearest(share: int) -> int:
    shares = list(SHARES)
    return min(range(len(shares)), key=lambda place: abs(shares[place] - share))
