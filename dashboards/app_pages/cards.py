"""Which cards do I have, and how do I change them, bring some in, or take them along?"""

import streamlit as st

from dashboards import api
from dashboards.components import card_files, card_list, frame, words
from studium.wire.cards import Show

AT_ONCE = 20
PAGE = "cards_shown"
SHOWS: dict[Show | None, str] = {
    None: "All",
    "new": "New",
    "learning": "Learning",
    "review": "Known",
    "suspended": "Put aside",
    "buried": "Resting",
}


def filters(course_id: str | None) -> dict[str, object]:
    """What is looked for."""
    left, middle, right = st.columns([3, 2, 2])
    query = left.text_input("Search", placeholder="Words on the card, or a tag", key="cards-query")
    decks = {str(deck.deck_id): f"{deck.name} ({deck.cards:,})" for deck in api.cards().decks()}
    places = {"": "All decks", **({"course": "This course"} if course_id else {}), **decks}
    place = middle.selectbox("Deck", list(places), format_func=lambda one: words.plain(places[one]), key="cards-deck")
    show = right.selectbox("Show", list(SHOWS), format_func=SHOWS.__getitem__, key="cards-show")
    return {
        "query": query.strip() or None,
        "course_id": course_id if place == "course" else None,
        "deck_id": place if place in decks else None,
        "show": show,
    }


def listing(wanted: dict[str, object]) -> None:
    """The cards that are looked for, so many at once."""
    shown = st.session_state.setdefault(PAGE, {"wanted": wanted, "count": AT_ONCE})
    if shown["wanted"] != wanted:
        shown.update(wanted=wanted, count=AT_ONCE)
    zone = words.zone(api.me().timezone)
    found = api.find_cards(shown["count"], **wanted)
    for card in found.items:
        card_list.row(card, zone)
    if not found.items:
        nothing(any(value for value in wanted.values()))
    if found.next and st.button("Show more", key="cards-more", icon=":material/expand_more:"):
        shown["count"] += AT_ONCE
        st.rerun()


def nothing(is_searched: bool) -> None:
    """Says that there is nothing, and what to do."""
    if is_searched:
        frame.empty("search_off", "No such card", "Look for fewer words, in all decks, or show all.")
    else:
        frame.empty(
            "style",
            "No cards yet",
            "Write one in Smart Study, take proposals from your course in New cards, or bring a file in below.",
        )


picked = st.session_state.get(frame.COURSE_KEY)
with frame.problems_in_words():
    frame.heading("Cards", note="Yours alone: found, changed, brought in, taken along")
    with frame.card("found"):
        listing(filters(picked))
    left, right = st.columns(2, gap="small")
    with left, frame.card("in"):
        card_files.bring_in(picked)
    with right, frame.card("out"):
        card_files.take_along(picked)
    with frame.card("calendar"):
        card_files.calendar()
