"""How do I bring a course, its logs or a handout in, and how did the last import go?"""

from html import escape
from typing import Any

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.client import Import
from studium.wire.work import ImportKind

KINDS: dict[ImportKind, tuple[str, list[str], str]] = {
    "backup": (
        "Course backup",
        ["mbz"],
        "A Moodle backup (.mbz) made with user data. A newer backup of a course you teach updates it; "
        "the first one of a course is an administrator's to import.",
    ),
    "logs": (
        "Activity log",
        ["csv", "gz", "parquet"],
        "The log report's CSV, or a dump of logstore_standard_log (CSV or Parquet).",
    ),
    "file": (
        "Handout",
        ["pdf", "docx", "pptx", "html", "md", "txt", "csv"],
        "A file that everybody in the course may be quoted from.",
    ),
}
LARGEST_MB = 2000
"""A backup may be this much bigger than an upload: it holds the files of a whole course."""

STATES = {
    "queued": ("Waiting", ":material/schedule:", "gray"),
    "running": ("Running", ":material/progress_activity:", "blue"),
    "done": ("Done", ":material/check:", "green"),
    "failed": ("Failed", ":material/error:", "red"),
}
ZONES = [
    "UTC",
    "Europe/London",
    "Europe/Zagreb",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
]


def start() -> None:
    """Choose what kind of file it is, and hand it in."""
    kind: ImportKind = st.segmented_control(
        "Kind",
        list(KINDS),
        format_func=lambda name: KINDS[name][0],
        default="backup",
        required=True,
        label_visibility="collapsed",
    )
    _, types, explanation = KINDS[kind]
    with st.form("import", border=False, clear_on_submit=True):
        st.html(f'<p class="studium-note">{escape(explanation)}</p>')
        file = st.file_uploader(
            "File", type=types, key=f"file-{kind}", max_upload_size=LARGEST_MB, label_visibility="collapsed"
        )
        course_id = None if kind == "backup" else frame.current_course().course_id
        timezone = None
        if kind == "logs" and course_id:
            own = api.course(course_id).timezone
            options = list(dict.fromkeys([own, *ZONES]))
            timezone = st.selectbox(
                "Time zone of the log's times",
                options,
                accept_new_options=True,
                width=320,
                help="The CSV of the log report tells local times without saying where. A dump does not need it.",
            )
        sent = st.form_submit_button("Import", type="primary", icon=":material/move_to_inbox:")
    if sent and file is None:
        st.info("Choose a file first.", icon=":material/attach_file:")
    elif sent and file is not None:
        with st.spinner(f"Sending {words.plain(file.name)}"):
            api.start_import(kind, file.name, file, course_id, timezone)
        st.toast(f"{words.plain(file.name)} is handed in.")


def outcome_words(outcome: dict[str, Any]) -> str:
    """The numbers of an import's outcome, as it names them."""
    plain = {
        name: value
        for name, value in outcome.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    return " · ".join(
        f"{name.replace('_', ' ')}: {value:,}" if isinstance(value, int) else f"{name.replace('_', ' ')}: {value}"
        for name, value in plain.items()
    )


def one(work: Import) -> None:
    """One import: what, when, how it stands, what came of it."""
    label, icon, color = STATES[work.status]
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{work.import_id}"):
        facts = [KINDS[work.kind][0], words.clock(work.created_at, words.zone(api.me().timezone))]
        told = work.error or (work.progress if work.status == "running" else outcome_words(work.outcome))
        frame.file_row(work.filename, facts, told)
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]


def watch() -> None:
    """The imports, looked at again every three seconds while one is on its way."""
    with frame.problems_in_words():
        works = api.imports()
        if not works:
            frame.empty(
                "note_add",
                "Nothing imported from here yet",
                "Choose a file above; its steps and its outcome appear here.",
            )
        for work in works:
            one(work)
        busy = any(work.status in {"queued", "running"} for work in works)
        if busy != st.session_state.get("imports_busy"):
            if not busy:
                api.forget()
            st.session_state["imports_busy"] = busy
            st.rerun()


picked = st.session_state.get(frame.COURSE_KEY)
with frame.problems_in_words():
    as_of = next((course.as_of for course in api.me().courses if course.course_id == picked), None)
    frame.heading("Import", as_of, "Bring a course, its activity or a handout in; everything else follows from it")
    with frame.card("start"):
        start()
    with frame.card("imports"):
        frame.card_title("Imports")
        st.fragment(watch, run_every="3s" if st.session_state.get("imports_busy") else None)()
