"""A course that follows its Moodle, in words and widgets: how it stands, how far a sync is, what one may do."""

from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.live import CourseSync

STATES = {
    "never": ("Not synced yet", ":material/schedule:", "gray"),
    "idle": ("Up to date", ":material/check:", "green"),
    "held": ("Waits for approval", ":material/front_hand:", "orange"),
    "failed": ("Failed", ":material/error:", "red"),
    "gone": ("Gone from Moodle", ":material/block:", "red"),
}
OFF = ("Off", ":material/sync_disabled:", "gray")
ASKED = {
    "queued": ("Waiting", ":material/schedule:", "gray"),
    "running": ("Syncing", ":material/progress_activity:", "blue"),
}
STEPS = {
    "files": "Fetching files",
    "core_course_get_contents": "Reading the contents",
    "core_completion_get_activities_completion_status": "Reading who completed what",
    "core_enrol": "Reading who is enrolled",
    "core_group": "Reading groups",
    "core_": "Reading the course",
    "gradereport_": "Reading grades",
    "mod_quiz_": "Reading quizzes and attempts",
    "mod_assign_": "Reading assignments",
    "mod_forum_": "Reading forums",
    "mod_": "Reading activities",
    "lake__course_answers": "Asking Moodle",
    "lake__": "Putting the answers in order",
    "course": "Bringing in what changed",
    "content__": "Reading new materials",
    "knowledge": "Making materials searchable",
    "warehouse": "Working out the figures",
}
"""What a step is, by the longest beginning of its name."""


FIGURES = "What is new can be asked about; the figures are being worked out."


def step_words(step: str) -> str:
    """What is being done."""
    found = max((name for name in STEPS if step.startswith(name)), key=len, default=None)
    return STEPS[found] if found else "Checking what came in"


def news(course: CourseSync) -> str | None:
    """What the last sync brought, while it is still told of."""
    if course.request or course.event is None or course.event.kind != "sync:complete":
        return None
    told = course.event.payload
    if told.get("newItems"):
        return f"{words.count(told['newItems'], 'new item')} with the last sync."
    return "The last sync brought changes." if told.get("changed") else "Nothing had changed at the last sync."


def row(course: CourseSync, name: str) -> None:
    """One course: how it stands, and what hangs on that."""
    badge = ASKED.get(course.request or "") or STATES.get(course.sync_state or "never", STATES["never"])
    label, icon, color = badge if course.sync_enabled or course.request else OFF
    zone = words.zone(api.me().timezone)
    synced = course.last_synced_at
    facts = [f"Last synced {words.clock(synced, zone)}" if synced else "Not synced yet"]
    if course.last_checked_at and course.last_checked_at != synced:
        facts.append(f"looked at {words.clock(course.last_checked_at, zone)}")
    if course.last_changed_at:
        facts.append(f"last change {words.clock(course.last_changed_at, zone)}")
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{course.course_id}"):
        frame.file_row(name, facts, " ".join(filter(None, [news(course), FIGURES if course.figures_pending else None])))
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]
        if course.may_sync:
            _act(course, name)
    if course.request == "running":
        progress(course)
    _troubles(course)


def progress(course: CourseSync) -> None:
    """How far a sync is."""
    told = course.event.payload if course.event and course.event.kind == "sync:progress" else {}
    text, done, total = step_words(told.get("step", "")), told.get("done"), told.get("total")
    if not told:
        st.progress(0.0, text="Asking Moodle")
    elif done and total:
        st.progress(min(1.0, done / total), text=f"{text}: {done:,} of {total:,}")
    else:
        st.progress(1.0, text=text)


def _act(course: CourseSync, name: str) -> None:
    """What who teaches the course may do."""
    key, enabled = course.course_id, bool(course.sync_enabled)
    with frame.problems_in_words():
        if st.button(
            "Sync now",
            key=f"now-{key}",
            icon=":material/sync:",
            disabled=not enabled or course.request is not None,
            help=None if enabled else "Turn syncing on first.",
        ):
            joined = api.sync(key)
            st.toast(f"{words.plain(name)} is {'being synced already' if joined else 'going to be synced'}.")
            st.rerun()
        # the key holds the state, so that the switch follows when somebody else turns it
        if st.toggle("Follow Moodle", value=enabled, key=f"follow-{key}-{enabled}") != enabled:
            api.follow(key, not enabled)
            st.rerun()


def _troubles(course: CourseSync) -> None:
    if course.sync_state == "held":
        st.warning(_held(course), icon=":material/front_hand:")
    if course.sync_state == "failed":
        why = words.plain(course.sync_error or "") or "Moodle could not be asked the last time."
        st.warning(
            f"{why} What was there before stays; it is tried again within half an hour.", icon=":material/error:"
        )
    if course.skipped:
        with st.expander(f"Not told by Moodle at the last sync: {words.count(len(course.skipped), 'thing')}"):
            lines = "".join(
                f'<li><span class="grow">{escape(one.reason)}<span class="small">{escape(one.function)}</span></span>'
                f'<span class="end">{words.count(one.times, "time")}</span></li>'
                for one in course.skipped
            )
            st.html(f'<ul class="studium-rows">{lines}</ul>')


def _held(course: CourseSync) -> str:
    """What is gone, and how to let it through."""
    if not course.may_sync:
        return "Much of this course is gone from Moodle at once. What was there stays until somebody has looked at it."
    gone = "; ".join(f"{words.count(len(titles), table.rstrip('s'))}" for table, titles in (course.held or {}).items())
    return (
        f"More than a fifth of this course is gone from Moodle at once ({gone or 'see the log'}). Nothing was removed. "
        f"If it is meant, an administrator runs `studium moodle approve {course.course_id}`."
    )
