"""What is asked, as rows: topics, gaps and pages, each with how many asked and how sure a number is.

No name and no question: of fewer than three people the API tells nothing.
"""

from html import escape

import streamlit as st

from dashboards.components import frame, words
from studium.wire.questions import LEAST_ASKERS, Digest, Share, Spot, Topic

SHOWN = 6
CLOSE, LOOSE = 0.65, 0.5


def figures(digest: Digest) -> None:
    """How much was asked, and how it went."""
    plain = {"delta_color": "off", "delta_arrow": "off", "border": True}
    with st.grid(4, min_column_width=150):
        asked = words.count(digest.askers, "person", "people")
        st.metric("Questions", f"{digest.asks:,}", f"by {asked}", **plain)
        for title, part in (("Not answered", digest.refused), ("Unsure answers", digest.unsure)):
            st.metric(title, _percent(part), _range(part), **plain)
        rated = _range(digest.helpful) if digest.helpful else f"fewer than {LEAST_ASKERS} people gave a thumb"
        st.metric("Found helpful", _percent(digest.helpful), rated, **plain)


def _percent(part: Share | None) -> str:
    return words.percent(100 * part.count / part.of) if part else words.NOTHING


def _range(part: Share | None) -> str:
    """`3 of 12 · 9 to 53 %`: the numbers behind a share, and where it may lie."""
    return f"{part.count:,} of {part.of:,} · {part.low_pct:.0f} to {part.high_pct:.0f} %" if part else ""


def gaps(digest: Digest) -> None:
    """What the course was not found to answer."""
    frame.card_title(
        "Content gaps",
        "What at least three people asked alike and the course was not found to answer, or not surely. Either it is "
        "not there, or the tutor does not find it: the pages nearest to it tell which.",
    )
    missed = sum(part.count for part in (digest.refused, digest.unsure) if part)
    if not digest.gaps:
        few = f"{words.count(missed, 'question')} was not surely answered" if missed == 1 else ""
        few = few or f"{words.count(missed, 'question')} were not surely answered"
        why = f"{few}, but no three people asked alike." if missed else "Everything asked was answered."
        frame.empty("task_alt", "No gap that several people met", why)
        return
    _rows([_topic(topic, f"{topic.refused} refused · {topic.unsure} not sure", "Nearest") for topic in digest.gaps])


def topics(digest: Digest) -> None:
    """What is asked."""
    frame.card_title(
        "What is asked",
        "Questions that are alike, from at least three people. A topic is named by words that three of them used.",
    )
    if not digest.topics:
        why = f"{words.count(digest.asks, 'question')} came, and no three people asked alike."
        frame.empty("forum", "No topic yet", why)
        return
    _rows([_topic(topic, _went(topic), _led(topic)) for topic in digest.topics])
    if digest.asks_in_no_topic:
        left = words.count(digest.asks_in_no_topic, "more question")
        st.caption(f"{left} had too few like them to be shown.")


def pages(digest: Digest) -> None:
    """Where answers stood."""
    frame.card_title(
        "Pages asked about", "Where answers to at least three people stood; the bar compares with the first."
    )
    if not digest.places:
        frame.empty("description", "No page yet", "A page appears when answers to three people have quoted it.")
        return
    most = digest.places[0].askers
    _rows([_page(spot, 100 * spot.askers / most) for spot in digest.places])


def _rows(rows: list[str]) -> None:
    st.html(f'<ul class="studium-rows">{"".join(rows[:SHOWN])}</ul>')
    if rows[SHOWN:]:
        with st.expander(f"{len(rows) - SHOWN} more"):
            st.html(f'<ul class="studium-rows">{"".join(rows[SHOWN:])}</ul>')


def _topic(topic: Topic, went: str, led: str) -> str:
    name = escape(" · ".join(topic.words)) or "<i>Alike in meaning, in different words</i>"
    alike = "closely alike" if topic.likeness >= CLOSE else "alike" if topic.likeness >= LOOSE else "loosely alike"
    facts = " · ".join(part for part in [words.count(topic.asks, "question"), went, alike] if part)
    places = "; ".join(_spot(spot) for spot in topic.places)
    where = f'<span class="small">{led}: {places}</span>' if places else ""
    told = f'{name}<span class="small" title="{topic.likeness:.2f} of 1">{facts}</span>{where}'
    return f'<li><span class="grow">{told}</span><span class="end">{_people(topic.askers)}</span></li>'


def _page(spot: Spot, width: float) -> str:
    bar = f'<span class="bar"><i style="width:{width:.0f}%"></i></span>'
    return f'<li><span class="grow">{_spot(spot)}{bar}</span><span class="end">{_people(spot.askers)}</span></li>'


def _led(topic: Topic) -> str:
    return "Nearest" if topic.refused == topic.asks else "Led to"


def _went(topic: Topic) -> str:
    missed = topic.refused + topic.unsure
    return f"{missed} of {topic.asks} not surely answered" if missed else "all answered"


def _people(number: int) -> str:
    return words.count(number, "person", "people")


def _spot(spot: Spot) -> str:
    name = escape(spot.module_name or spot.title)
    title = f" · {escape(spot.title)}" if spot.module_name and spot.title != spot.module_name else ""
    page = f" · {spot.page_kind or 'page'} {spot.page}" if spot.page is not None else ""
    link = spot.open_url if spot.page_kind == "page" else spot.source_url or spot.open_url
    return f'<a href="{escape(link, quote=True)}" target="_blank" rel="noopener">{name}</a>{title}{page}'
