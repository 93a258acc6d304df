"""Which files of mine can Studium answer from?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.client import ApiError, TooManyRequests, Upload

TYPES = ["pdf", "docx", "pptx", "html", "htm", "md", "txt", "csv", "png", "jpg", "jpeg"]
BADGES = {
    "processing": ("Processing", ":material/progress_activity:", "blue"),
    "ready": ("Ready", ":material/check:", "green"),
    "failed": ("Failed", ":material/error:", "red"),
}
SENT = "sent_files"


def send_new(course_id: str | None) -> None:
    """Hand every newly chosen file to the API, once."""
    chosen = st.file_uploader("Add files", type=TYPES, accept_multiple_files=True, label_visibility="collapsed")
    st.caption("Drop files here or choose them. Only you see what you upload, and only your answers quote from it.")
    sent: set[str] = st.session_state.setdefault(SENT, set())
    for file in chosen:
        if file.file_id in sent:
            continue
        try:
            with st.spinner(f"Sending {words.plain(file.name)}"):
                api.upload(file.name, file, course_id)
            sent.add(file.file_id)
        except TooManyRequests as error:
            left = sum(other.file_id not in sent for other in chosen)
            wait = words.count(error.retry_after, "second")
            st.warning(f"{words.count(left, 'file')} could not be sent yet; that was a lot at once. Go on in {wait}.")
            st.button("Send the others", icon=":material/redo:")
            return
        except ApiError as error:
            sent.add(file.file_id)
            details = " ".join(problem.message for problem in error.problem.errors)
            why = f"{file.name} was not taken: {error.problem.detail or error.problem.title} {details}"
            st.error(words.plain(why))


def one(upload: Upload) -> None:
    """One file: what it is, how far it got, and its removal."""
    label, icon, color = BADGES[upload.status]
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{upload.document_id}"):
        facts = [words.size(upload.byte_size), words.clock(upload.created_at, words.zone(api.me().timezone))]
        if upload.page_count:
            facts.insert(0, words.count(upload.page_count, "page"))
        why = {"processing": upload.progress, "failed": upload.status_detail, "ready": None}[upload.status]
        frame.file_row(upload.title, facts, why)
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]
        with st.popover("Delete", icon=":material/delete:", type="tertiary"):
            st.write(f"Delete **{words.plain(upload.title)}** and everything made of it?")
            if st.button("Delete it", key=f"delete-{upload.document_id}", type="primary"):
                api.delete_upload(upload.document_id)
                st.rerun()


def listing() -> bool:
    """All files; says whether one is still on its way."""
    uploads = api.uploads()
    if not uploads:
        frame.empty(
            "note_add",
            "No files yet",
            "Drop your notes, slides or scripts above. Once a file is ready, Ask quotes from it.",
        )
    for upload in uploads:
        one(upload)
    return any(upload.status == "processing" for upload in uploads)


def watch() -> None:
    """The list, looked at again every three seconds while something is on its way."""
    with frame.problems_in_words():
        busy = listing()
        if busy != st.session_state.get("uploads_busy"):
            st.session_state["uploads_busy"] = busy
            st.rerun()


picked = st.session_state.get(frame.COURSE_KEY)
with frame.problems_in_words():
    as_of = next((course.as_of for course in api.me().courses if course.course_id == picked), None)
    frame.heading("Upload", as_of, "Files of your own that Ask may quote from, beside the course")
    with frame.card("drop"):
        send_new(picked)
    with frame.card("files"):
        frame.card_title("Your files")
        st.fragment(watch, run_every="3s" if st.session_state.get("uploads_busy") else None)()
