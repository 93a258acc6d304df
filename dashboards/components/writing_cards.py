"""A card by hand: a question with its answer, a text with gaps, or what one was just shown."""

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.answers import Quote
from studium.wire.cards import CardKind, NewFlashcard

KINDS: dict[CardKind, str] = {"basic": "Question and answer", "cloze": "Text with gaps"}
GAPS = "Write what is to be hidden as {{c1::hidden}}; with a hint as {{c1::hidden::hint}}. Each number becomes a card."
NO_TOPIC = "No topic"
LONGEST_QUOTE = 2000


def form(course_id: str) -> bool:
    """Takes a card; returns whether one was made."""
    kind = st.segmented_control(
        "Kind", list(KINDS), default="basic", format_func=KINDS.__getitem__, label_visibility="collapsed",
        key="card-kind", required=True,
    )  # fmt: skip
    topics = {"": NO_TOPIC} | {topic.topic_id: topic.name for topic in api.topics(course_id)}
    with st.form("new-card", border=False, clear_on_submit=True):
        front = st.text_area("Question" if kind == "basic" else "Text", key="card-front", max_chars=10_000)
        if kind == "cloze":
            st.caption(words.plain(GAPS))
        back = st.text_area("Answer" if kind == "basic" else "More, shown with the answer", key="card-back")
        left, right = st.columns(2)
        topic = left.selectbox(
            "Topic", list(topics), format_func=lambda one: words.plain(topics[one]), key="card-topic"
        )
        tags = right.text_input("Tags, with blanks between them", key="card-tags")
        if not st.form_submit_button("Add the card", type="primary") or not front.strip():
            return False
    with frame.problems_in_words():
        # unchecked here: what is wrong with it, the API says in words
        new = NewFlashcard.model_construct(
            front=front, back=back, kind=kind, course_id=course_id, topic_id=topic or None, tags=tags.split()
        )
        made = api.cards().add(new)
        st.toast(f"{words.count(len(made), 'card')} added.", icon=":material/check:")
        return True
    return False


def from_quote(quote: Quote) -> None:
    """Takes a question that a quoted passage answers; the card keeps its place in the course."""
    with st.form("card-of-quote", border=False):
        front = st.text_area("Question", key="quote-front", max_chars=10_000)
        back = st.text_area("Answer", value=quote.text.strip(), key="quote-back", max_chars=10_000)
        is_wanted = st.form_submit_button("Add the card", type="primary")
    if is_wanted and front.strip() and back.strip():
        with frame.problems_in_words():
            quoted = quote.text.strip()[:LONGEST_QUOTE]
            api.cards().add(NewFlashcard(front=front, back=back, document_id=quote.document_id, quote=quoted))
            st.toast("Added. It comes up in Smart Study.", icon=":material/check:")
