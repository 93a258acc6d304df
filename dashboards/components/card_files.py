"""Cards in and out as files, and the address of one's calendar."""

from uuid import UUID

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.client import ApiError
from studium.wire.card_files import CardsImported, FileKind

TYPES = ["apkg", "csv", "tsv", "txt"]
KINDS: dict[FileKind, tuple[str, str, str]] = {
    "anki": ("Anki (.apkg): with pictures, states and reviews", "apkg", "application/octet-stream"),
    "csv": ("Table (.csv)", "csv", "text/csv"),
    "tsv": ("Table with tabs (.tsv)", "tsv", "text/tab-separated-values"),
    "quizlet": ("Text for Quizlet (.txt)", "txt", "text/plain"),
}
TAKEN = "taken_card_files"
TOLD = "card_files_told"
ADDRESS = "calendar_address"
IN = (
    "An Anki package (.apkg) brings its decks, tags, pictures, what you remember and every review. A table (.csv, "
    ".tsv, or text copied from Quizlet) has the front in its first column and the back in its second. The same file "
    "twice adds nothing."
)
CALENDAR = (
    "Calendar programs read under a secret address how many cards are due on each day, and your exams; not what is on "
    "the cards, and not your name. Whoever has the address can read that, until you end it."
)


def bring_in(course_id: str | None) -> None:
    """Takes files of cards, each once, and says what they brought."""
    frame.card_title("Bring cards in", IN)
    here = st.checkbox("They belong to this course", key="card-files-course") if course_id else False
    deck = st.text_input("Deck for tables that name none", key="card-files-deck", max_chars=200)
    chosen = st.file_uploader("Files", type=TYPES, accept_multiple_files=True, label_visibility="collapsed")
    taken: set[str] = st.session_state.setdefault(TAKEN, set())
    told: dict[str, CardsImported] = st.session_state.setdefault(TOLD, {})
    for file in chosen:
        if file.file_id not in taken:
            taken.add(file.file_id)
            try:
                with st.spinner(f"Reading {words.plain(file.name)}"):
                    told[file.file_id] = api.take_in_cards(file.name, file, course_id if here else None, deck.strip())
            except ApiError as error:
                st.error(words.plain(f"{file.name} was not taken: {error.problem.detail or error.problem.title}"))
        if file.file_id in told:
            _say(file.name, told[file.file_id])


def _say(name: str, brought: CardsImported) -> None:
    parts = [f"{words.count(brought.cards_added, 'card')} added"]
    if brought.cards_changed:
        parts.append(f"{brought.cards_changed:,} changed")
    if brought.cards_known:
        parts.append(f"{brought.cards_known:,} there already")
    if brought.reviews_added:
        parts.append(words.count(brought.reviews_added, "review"))
    if brought.media_added:
        parts.append(words.count(brought.media_added, "picture or sound", "pictures and sounds"))
    st.success(words.plain(f"{name}: {', '.join(parts)}."), icon=":material/check:")
    if brought.left_out:
        st.warning(words.plain(f"Not taken: {' '.join(brought.left_out)}"))


def take_along(course_id: str | None) -> None:
    """A file of one's cards."""
    frame.card_title("Take cards along", "Yours to keep: with Anki nothing of what you have learnt is lost.")
    decks = {str(deck.deck_id): deck.name for deck in api.cards().decks()}
    places = {"": "All my cards", **({"course": "Cards of this course"} if course_id else {}), **decks}
    place = st.selectbox(
        "Which", list(places), format_func=lambda one: words.plain(places[one]), key="card-files-which"
    )
    kind = st.selectbox("As", list(KINDS), format_func=lambda one: KINDS[one][0], key="card-files-kind")
    _, ending, mime = KINDS[kind]
    st.download_button(
        "Download",
        api.card_exporter(
            kind, course_id=course_id if place == "course" else None, deck_id=UUID(place) if place in decks else None
        ),
        file_name=f"studium-cards.{ending}", mime=mime, on_click="ignore", icon=":material/download:",
        key="card-files-download",
    )  # fmt: skip


def calendar() -> None:
    """Addresses under which programs read one's calendar."""
    frame.card_title("Calendar", CALENDAR)
    zone = words.zone(api.me().timezone)
    for feed in api.calendar_feeds():
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-{feed.feed_id}"):
            read = f"last read {words.clock(feed.last_read_at, zone)}" if feed.last_read_at else "not read yet"
            frame.file_row(f"Address of {words.clock(feed.created_at, zone)}", [read], None)
            if st.button("End it", key=f"end-{feed.feed_id}", icon=":material/link_off:", type="tertiary"):
                api.client().card_files.end_feed(feed.feed_id)
                st.session_state.pop(ADDRESS, None)
                st.rerun()
    if ADDRESS in st.session_state:
        st.caption("Copy it into your calendar program now; it is shown this once.")
        st.code(st.session_state.pop(ADDRESS), language=None, wrap_lines=True)
    elif st.button("New address", key="calendar-new", icon=":material/calendar_add_on:"):
        st.session_state[ADDRESS] = api.client().card_files.begin_feed().url
        st.rerun()
