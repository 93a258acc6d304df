"""The queue of answers that learners found bad and agreed to show, and what a teacher can do with each."""

from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import chat_answers, correcting, frame, quotes, words
from dashboards.components.chat_feedback import REASONS
from studium.wire.answers import Reading
from studium.wire.chat import ChatAnswer
from studium.wire.questions import ReportedAnswer, Retrieved

SHOWN = 10


def queue(course_id: str) -> None:
    """Answers that wait, those that wait longest first."""
    frame.card_title(
        "Answers found bad",
        "Learners agreed to show you these, without their names. Please do not try to find out who asked.",
    )
    waiting = api.reported(course_id)
    if not waiting:
        frame.empty(
            "inbox",
            "Nothing waits for you",
            "When a learner finds an answer bad and agrees to show it, it appears here to be corrected.",
        )
    for report in waiting[:SHOWN]:
        with st.container(key=f"report-{report.report_id}", gap="small"):
            _report(course_id, report)
    if waiting[SHOWN:]:
        st.caption(f"{words.count(len(waiting) - SHOWN, 'more')} after these.")


def _report(course_id: str, report: ReportedAnswer) -> None:
    said = f" “{escape(report.words)}”" if report.words else ""
    facts = f"{escape(REASONS[report.reason])}.{said} Asked on {words.day(report.asked_on)}."
    st.html(f'<p class="studium-file">{escape(report.question)}<span class="small">{facts}</span></p>')
    with st.expander("The answer, and what was found", key=f"answer-{report.report_id}"):
        _answer(report)
    with st.container(horizontal=True, gap="small"):
        correcting.correct(course_id, report)
        correcting.keep_golden(course_id, report)
        if st.button("Put aside", key=f"aside-{report.report_id}", icon=":material/done:", type="tertiary"):
            api.questions(course_id).change_report(report.report_id, "dismissed")
            st.rerun()


def _answer(report: ReportedAnswer) -> None:
    shown = report.answer
    st.html(chat_answers.written(ChatAnswer(**shown.model_dump(), read_next=[])))
    if report.is_withheld:
        st.caption(":material/visibility_off: What rests on the learner's own files, or one group's, is left out.")
    for place in shown.citations:
        reading = Reading(**place.model_dump(include=set(Reading.model_fields)))
        st.html(f'<p class="studium-where">{place.number}. {quotes.where(reading)}</p>')
    if report.retrieved:
        found = "; ".join(dict.fromkeys(_found(one) for one in report.retrieved))
        st.html(f'<p class="studium-note">Found for it: {found}.</p>')


def _found(one: Retrieved) -> str:
    page = f", {one.page}" if one.page is not None else ""
    score = f" ({one.score:.2f})" if one.score is not None else ""
    return f"{escape(one.title)}{page}{score}"
