"""What does the course say about my question?"""

import streamlit as st

from dashboards import api
from dashboards.components import frame, quotes, words
from studium.client import Answer
from studium.wire.answers import Quote

ASKED = "asked"
KEPT = 8


def asked(course_id: str) -> list[Answer]:
    """The answers of this visit, newest first."""
    kept: dict[str, list[Answer]] = st.session_state.setdefault(ASKED, {})
    return kept.setdefault(course_id, [])


def question_form(course_id: str) -> None:
    """The box; an answer goes on top of the earlier ones."""
    with (
        st.form("question", border=False, clear_on_submit=False),
        st.container(horizontal=True, vertical_alignment="bottom", key="question-box"),
    ):
        question = st.text_input(
            "Your question",
            max_chars=2000,
            placeholder="Ask in your own words",
            type="search",
            icon=":material/search:",
        )
        sent = st.form_submit_button("Ask", type="primary")
    if not sent:
        return
    if not question or not question.strip():
        st.info("Write a question first.", icon=":material/edit:")
        return
    with st.skeleton(height=220):
        answer = api.ask(course_id, question.strip())
    answers = asked(course_id)
    answers.insert(0, answer)
    del answers[KEPT:]


def quote_card(quote: Quote, name: str) -> None:
    """One quoted passage with the ways to its source."""
    with frame.card(name):
        st.html(quotes.passage(quote))
        with st.container(horizontal=True, gap="small"):
            place = quotes.page_words(quote)
            if quotes.opens_in_browser(quote):
                st.link_button(f"Open at {place}", quote.open_url, icon=":material/picture_as_pdf:")
            if st.button("Read it in place", key=f"read-{name}", icon=":material/menu_book:"):
                quotes.show_source(quote)
            if quote.source_url:
                st.link_button(
                    "In Moodle" if quote.module_name else "Its web page",
                    quote.source_url,
                    icon=":material/open_in_new:",
                    type="tertiary",
                )


def show(answer: Answer, number: int) -> None:
    """One answer: what was found, in the course's own words."""
    icon = ":material/format_quote:" if answer.answered else ":material/search_off:"
    (st.success if answer.answered else st.warning)(answer.statement, icon=icon)
    for position, quote in enumerate(answer.quotes):
        quote_card(quote, f"{number}-{position}")
    if answer.read_next:
        with frame.card(f"{number}-further"):
            frame.card_title("Read further")
            st.html(quotes.reading_list(answer.read_next))


course = frame.current_course()
with frame.problems_in_words():
    frame.heading("Ask", course.as_of, "Answers are quotations from the course and your own files; no model wrote them")
    question_form(course.course_id)
    answers = asked(course.course_id)
    if not answers:
        materials = api.materials(course.course_id)
        readable = sum(len(material.documents) for material in materials)
        frame.empty(
            "search",
            f"Ask {course.shortname} anything it covers",
            f"Studium looks through {words.count(readable, 'document')} of {course.fullname} and your own uploads, and "
            "quotes the passages that answer, each with its page.",
        )
    for number, answer in enumerate(answers):
        age = len(answers) - number
        if number == 0:
            st.header(answer.question, anchor=False)
            show(answer, age)
        else:
            with st.expander(answer.question, key=f"earlier-{age}"):
                show(answer, age)
