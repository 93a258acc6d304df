"""Quoted passages: how one looks, where it is from, and its source around it. Course text is data and is escaped."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import writing_cards
from studium.client import TextChunk
from studium.wire.answers import Quote, Reading

AROUND = 260
"""Characters of context shown before and after a quotation; the source has the rest."""


def page_words(place: Quote | Reading | TextChunk) -> str:
    """`page 4`, `slide 12`; nothing for a source without pages."""
    return f"{place.page_kind or 'page'} {place.page}" if place.page is not None else ""


def opens_in_browser(place: Quote | Reading) -> bool:
    """Whether a browser shows the file itself at its page, as it does with a PDF."""
    return place.page is not None and place.page_kind == "page"


def where(place: Quote | Reading) -> str:
    """Where a passage is from: module, document, heading, page, section, as HTML."""
    return " · ".join([f"<b>{escape(place.module_name or place.title)}</b>", *_inside(place)])


def _inside(place: Quote | Reading) -> list[str]:
    chapter = place.chapter if isinstance(place, Quote) else None
    module = place.module_name or place.title
    parts = []
    if place.title != module:
        parts.append(escape(place.title))
    inside = [part for part in dict.fromkeys([chapter, place.heading]) if part and part not in {module, place.title}]
    parts += [escape(part) for part in inside]
    if page_words(place):
        parts.append(page_words(place))
    if place.section_name:
        parts.append(escape(place.section_name))
    return parts


def passage(quote: Quote) -> str:
    """A quotation between what stands before and after it, as HTML."""
    before = "" if quote.before.strip() in {quote.heading, quote.title} else _tail(quote.before)
    parts = [_around(before), f"<mark>{escape(quote.text.strip())}</mark>", _around(_head(quote.after))]
    quoted = " ".join(part for part in parts if part)
    return f'<p class="studium-where">{where(quote)}</p><blockquote class="studium-quote">{quoted}</blockquote>'


def reading_list(readings: Sequence[Reading]) -> str:
    """Places worth reading, as HTML."""
    rows = []
    for reading in readings:
        link = reading.open_url if opens_in_browser(reading) else reading.source_url or reading.open_url
        label = escape(reading.module_name or reading.title)
        small = " · ".join([*_inside(reading), *([escape(reading.why)] if reading.why else [])])
        rows.append(
            f'<li><span class="grow"><a href="{escape(link, quote=True)}" target="_blank" rel="noopener">{label}</a>'
            f'<span class="small">{small}</span></span></li>'
        )
    return f'<ul class="studium-rows">{"".join(rows)}</ul>'


@st.dialog("The source", width="medium")
def show_source(quote: Quote) -> None:
    """The document's text with the quoted passage marked, from the chunk before it."""
    st.html(f'<p class="studium-where">{where(quote)}</p>')
    chunks = api.document_text(quote.document_id)
    found = next((number for number, chunk in enumerate(chunks) if quote.text.strip() in chunk.text), None)
    whole = st.toggle("Show the whole document", value=found is None) if len(chunks) > 1 else True
    nearby = chunks if whole or found is None else chunks[max(0, found - 1) : found + 2]
    st.html(f'<div class="studium-source">{"".join(_chunk(chunk, quote.text.strip()) for chunk in nearby)}</div>')
    with st.expander("Make a card of this", icon=":material/style:"):
        writing_cards.from_quote(quote)


def _chunk(chunk: TextChunk, quoted: str) -> str:
    label = " · ".join(escape(part) for part in [page_words(chunk), chunk.heading or chunk.chapter or ""] if part)
    head = f'<p class="studium-page">{label}</p>' if label else ""
    before, found, after = chunk.text.partition(quoted)
    if not found:
        return f"{head}<p>{escape(chunk.text)}</p>"
    return f'{head}<p class="mark-block">{escape(before)}<mark>{escape(found)}</mark>{escape(after)}</p>'


def _around(text: str) -> str:
    return f'<span class="around">{escape(text.strip())}</span>' if text.strip() else ""


def _tail(text: str) -> str:
    return text if len(text) <= AROUND else "… " + text[-AROUND:].partition(" ")[2]


def _head(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] + " …"
