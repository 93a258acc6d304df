"""One's cards in a list, and one of them to be changed."""

from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.cards import CardChange, Flashcard

CHANGED = "card_to_change"
STATES = {"new": "new", "learning": "learning", "review": "known", "relearning": "learning again"}
SOURCES = {"changed": "its page has changed", "gone": "its page is gone"}
GAP_HELP = "What is hidden is written {{c1::hidden}}; with a hint {{c1::hidden::hint}}."
HTML_HELP = "This card came as HTML and is changed as such."


def row(card: Flashcard, zone: ZoneInfo) -> None:
    """A card: what it asks and answers, and how far it is; or all of it, to be changed."""
    if st.session_state.get(CHANGED) == card.card_id:
        with st.container(key=f"changing-{card.card_id}"):
            change(card)
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{card.card_id}"):
        st.html(
            f'<div class="studium-face">{card.question_html}<div class="answer">{card.answer_html}</div>'
            f'<span class="small">{escape(" · ".join(facts(card, zone)))}</span></div>'
        )
        if st.button("Change", key=f"change-{card.card_id}", icon=":material/edit:", type="tertiary"):
            st.session_state[CHANGED] = card.card_id
            st.rerun()


def facts(card: Flashcard, zone: ZoneInfo) -> list[str]:
    """What is said of a card under it."""
    said = [card.deck, STATES[card.state]]
    if card.due_at and not card.is_suspended:
        said.append(f"due {words.short_day(card.due_at, zone)}")
    if card.is_suspended:
        said.append("put aside")
    elif card.buried_until:
        said.append(f"resting until {words.short_day(card.buried_until)}")
    if card.source and card.source.status in SOURCES:
        said.append(SOURCES[card.source.status])
    return [*said, *(f"#{tag}" for tag in card.tags)]


def change(card: Flashcard) -> None:
    """Everything of a card that its owner can change."""
    with frame.problems_in_words():
        if card.markup == "html":
            st.caption(HTML_HELP)
        if card.kind == "cloze":
            st.caption(words.plain(GAP_HELP))
        with st.form("change-card", border=False):
            front = st.text_area(
                "Text" if card.kind == "cloze" else "Question", card.front, key=f"change-front-{card.card_id}"
            )
            back = st.text_area("More, shown with the answer" if card.kind == "cloze" else "Answer", card.back)
            left, right = st.columns(2)
            deck = left.text_input("Deck", card.deck, max_chars=200)
            tags = right.text_input("Tags, with blanks between them", " ".join(card.tags))
            aside = st.checkbox("Put aside: do not ask it until I take it back", card.is_suspended)
            if st.form_submit_button("Save", type="primary"):
                _save(card, front=front, back=back, deck=deck, tags=tags.split(), suspended=aside)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Leave it as it is", key="change-leave"):
                _done()
            sure = st.checkbox("Delete this card", key="change-sure")
            if st.button("Delete it", disabled=not sure, icon=":material/delete:"):
                api.cards().delete(card.card_id)
                _done()


def _save(card: Flashcard, *, front: str, back: str, deck: str, tags: list[str], suspended: bool) -> None:
    """Send what differs; what was not touched is not sent, so that it is not cut to what a form may hold."""
    wanted = {"front": front, "back": back, "deck": deck.strip(), "tags": tags, "suspended": suspended}
    now = {
        "front": card.front, "back": card.back, "deck": card.deck, "tags": card.tags, "suspended": card.is_suspended,
    }  # fmt: skip
    different = {name: value for name, value in wanted.items() if value != now[name]}
    if different:
        api.cards().change(card.card_id, CardChange.model_construct(**different))
    _done()


def _done() -> None:
    st.session_state.pop(CHANGED, None)
    st.rerun()
