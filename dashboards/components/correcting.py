"""What a teacher makes of a question: a correction everybody finds, or a golden question that measures the tutor."""

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.client import ApiError
from studium.wire.questions import Correction, NewCorrection, NewGolden, ReportedAnswer

READING = {
    "processing": "is being read; answers find it in a moment",
    "ready": "answers find it",
    "failed": "could not be read; withdraw it and write it again",
}


def correct(course_id: str, report: ReportedAnswer | None = None) -> None:
    """What a question should be answered with; of a report, or of one's own."""
    label, where = ("Correct it", f"{report.report_id}") if report else ("Write a correction", _next("correction"))
    with st.popover(label, icon=":material/edit:", key=f"correct-{where}"):
        st.caption("Everybody in the course who asks alike finds it, as a correction by an instructor, with its date.")
        with st.form(f"correction-{where}", border=False):
            question = _question(report)
            said = st.text_area("Your answer", max_chars=4000, height=160)
            documents = _documents(course_id)
            cited = st.selectbox("Where the course says so (optional)", list(documents), None, documents.__getitem__)
            page = st.number_input("Its page (optional)", min_value=1, step=1, value=None)
            sent = st.form_submit_button("Publish it to the course", type="primary", icon=":material/send:")
        if not sent:
            return
        if not question or not said.strip():
            st.warning("Write the question and your answer.", icon=":material/info:")
            return
        new = NewCorrection(
            question=question,
            words=said.strip(),
            report_id=report.report_id if report else None,
            cited_document_id=cited,
            cited_page=page if cited else None,
        )
        _send(lambda: api.questions(course_id).correct(new), "correction")


def keep_golden(course_id: str, report: ReportedAnswer | None = None) -> None:
    """A question whose right answer is known; the tutor is measured by it."""
    label, where = ("Keep as golden question", f"{report.report_id}") if report else ("Write one", _next("golden"))
    with st.popover(label, icon=":material/straighten:", key=f"golden-{where}"):
        st.caption(
            "`studium evaluate` asks it as one of the course's learners, and counts whether these words are found."
        )
        is_said = st.radio("Does the course answer it?", ["Yes", "No"], key=f"said-{where}", horizontal=True) == "Yes"
        with st.form(f"keep-{where}", border=False):
            question = _question(report)
            document, quote = _words(course_id) if is_said else (None, None)
            note = st.text_input("A remark (optional)", max_chars=1000)
            sent = st.form_submit_button("Keep it", type="primary", icon=":material/straighten:")
        if not sent:
            return
        if not question or (is_said and not (document and quote)):
            st.warning("Write the question, and the words of the course that answer it.", icon=":material/info:")
            return
        new = NewGolden(
            question=question,
            kind="answerable" if is_said else "unanswerable",
            document_id=document,
            quote=quote,
            note=note.strip() or None,
            report_id=report.report_id if report else None,
        )
        _send(lambda: api.questions(course_id).keep_golden(new), "golden")


def made(course_id: str) -> None:
    """Corrections and golden questions there are."""
    frame.card_title("Corrections", "What teachers wrote; learners find it like any page of the course.")
    written = [one for one in api.corrections(course_id) if one.withdrawn_at is None]
    if not written:
        frame.empty("edit_note", "No correction yet", "Correct an answer that was found bad, or write one to a gap.")
    for one in written:
        _correction(course_id, one)
    correct(course_id)


def golden(course_id: str) -> None:
    """Golden questions there are."""
    frame.card_title("Golden questions", "The tutor is measured by these, beside those that come with the course.")
    kept = api.golden(course_id)
    if not kept:
        frame.empty("straighten", "No golden question yet", "Keep one from a bad answer, or write one.")
    for one in kept:
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-{one.golden_id}"):
            frame.file_row(one.question, one.quotes or ["the course does not say"], one.note)
            if st.button("Forget", key=f"forget-{one.golden_id}", icon=":material/delete:", type="tertiary"):
                api.questions(course_id).forget_golden(one.golden_id)
                st.rerun()
    keep_golden(course_id)


def _correction(course_id: str, one: Correction) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{one.correction_id}"):
        how = READING[one.status] if one.status else "its document was removed"
        frame.file_row(one.question, [words.day(one.written_at, words.zone(api.me().timezone)), how], one.words)
        with st.popover("Withdraw", icon=":material/undo:", type="tertiary"):
            st.write("Nobody will find it any more.")
            if st.button("Withdraw it", key=f"withdraw-{one.correction_id}", type="primary"):
                api.questions(course_id).withdraw(one.correction_id)
                api.materials.clear()
                st.rerun()


def _documents(course_id: str) -> dict[UUID, str]:
    """The course's documents by name, in its order."""
    return {
        document.document_id: document.title
        if document.title == material.name
        else f"{material.name} · {document.title}"
        for material in api.materials(course_id)
        for document in material.documents
    }


def _question(report: ReportedAnswer | None) -> str:
    asked = report.question[:500] if report else ""
    warning = "Everybody will read it. Take out what tells who asked." if report else None
    return st.text_area("The question", value=asked, max_chars=500, height=80, help=warning).strip()


def _words(course_id: str) -> tuple[UUID | None, str | None]:
    documents = _documents(course_id)
    document = st.selectbox("In which document", list(documents), None, documents.__getitem__)
    quote = st.text_area("Its exact words, within one paragraph", max_chars=4000, height=100)
    return document, quote.strip() or None


def _next(kind: str) -> str:
    """A name for the next thing to be written: a form that was sent is followed by an empty one."""
    return f"new-{st.session_state.get(f'{kind}-made', 0)}"


def _send(send: Callable[[], object], kind: str) -> None:
    """Hand it in; what the API does not take is said where it was written, and nothing of it is lost."""
    try:
        send()
    except ApiError as error:
        details = " ".join(each.message for each in error.problem.errors)
        st.error(words.plain(f"{error.problem.detail or error.problem.title} {details}"), icon=":material/error:")
        return
    st.session_state[f"{kind}-made"] = st.session_state.get(f"{kind}-made", 0) + 1
    api.materials.clear()
    st.rerun()
