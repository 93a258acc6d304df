"""Answers in a conversation: as they are written, and with the places they stand on. Course text is escaped."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards.components import chat_feedback, coached, frame, quotes, words
from studium.client import ChatTurn
from studium.wire.answers import Quote
from studium.wire.chat import UNSUPPORTED, AnswerPart, ChatAnswer, Citation

SHOWN = "chat-sources"
ICONS = {"user": ":material/person:", "assistant": ":material/menu_book:"}
LOOKS = {
    "course": ("blockquote", "studium-quote"),
    "model": ("p", "studium-said"),
    "rule": ("p", "studium-said studium-gaps"),
}
OVER = {
    "stopped": "Stopped. What was said so far stays.",
    "failed": "This was not answered.",
}


def question(text: str) -> None:
    """What the person asked."""
    with st.chat_message("user", avatar=ICONS["user"]):
        st.html(f'<p class="studium-said">{escape(text)}</p>')


def made_by(turns: Sequence[ChatTurn]) -> str:
    """Where a conversation's answers are from, in a sentence."""
    if any(turn.answer and turn.answer.model for turn in turns):
        return "A model worded some of this from the course; each such answer says so"
    return "Answers are quotations from the course and your own files; no model wrote them"


def so_far(text: str) -> str:
    """An answer that is being written, as HTML."""
    return f'<p class="studium-said" aria-busy="true">{escape(text)}</p>'


def answer(turn: ChatTurn, *, is_shown: bool) -> None:
    """One answer that is over; `is_shown`: its sources stand in the panel."""
    with st.chat_message("assistant", avatar=ICONS["assistant"]):
        if turn.answer is None:
            if turn.text:
                st.html(f'<p class="studium-said">{escape(turn.text)}</p>')
            st.warning(words.plain(turn.error or "") or OVER.get(turn.status, OVER["failed"]), icon=":material/info:")
            return
        if turn.rung and turn.answer.shape not in {"refusal", "held"}:
            st.badge(f"Hint {turn.rung} of {coached.LAST_HINT}", icon=":material/stairs:", color="blue")
        st.html(written(turn.answer))
        if turn.answer.citations and not is_shown:
            count = len(turn.answer.citations)
            label = "Show the source of this answer" if count == 1 else f"Show the {count} sources of this answer"
            st.button(
                label, key=f"sources-{turn.number}", icon=":material/format_quote:", type="tertiary",
                on_click=_show, args=[turn.number],
            )  # fmt: skip
        if turn.answer.read_next:
            is_hint = turn.answer.shape in {"hint", "question"}
            with st.expander(
                "Where to look" if is_hint else "Read further", expanded=is_hint, key=f"further-{turn.number}"
            ):
                st.html(quotes.reading_list(turn.answer.read_next))
        chat_feedback.feedback(turn)


def written(said: ChatAnswer) -> str:
    """An answer as HTML: what is said about it, then its parts; what is quoted looks quoted."""
    parts = [f'<p class="{_look_of_statement(said)}">{escape(said.statement)}</p>']
    parts += [_compared(said.parts)] if said.shape == "comparison" else _listed(said) if said.shape == "steps" else []
    for part in said.parts if said.shape not in {"comparison", "steps"} else ():
        kind, look = LOOKS[part.made_by]
        if part.goes_on:
            parts[-1] = f"{parts[-1].removesuffix(f'</{kind}>')} {_text(part)}</{kind}>"
        else:
            parts.append(f'<{kind} class="{look}">{_text(part)}</{kind}>')
    notices = [f'<p class="studium-note">{escape(notice)}</p>' for notice in said.notices]
    return "".join([*parts, *notices])


def _look_of_statement(said: ChatAnswer) -> str:
    """What speaks to the learner is to be read; what is said about an answer is a note."""
    speaks = said.shape in {"hint", "question", "judgement", "held"} and said.model is None
    return "studium-said" if speaks else "studium-note"


def _listed(said: ChatAnswer) -> list[str]:
    """The course's own list, in its order."""
    items = "".join(f"<li>{_text(part)}</li>" for part in said.parts)
    return [f'<ul class="studium-quote studium-steps">{items}</ul>']


def _compared(parts: Sequence[AnswerPart]) -> str:
    """Two things side by side, then what speaks of both."""
    sides = [side for side in dict.fromkeys(part.side for part in parts) if side]
    columns = "".join(f"<div><h4>{escape(side)}</h4>{_quoted(parts, side)}</div>" for side in sides)
    both = _quoted(parts, None)
    return f'<div class="studium-sides">{columns}</div>{f"<h4>Of both</h4>{both}" if both else ""}'


def _quoted(parts: Sequence[AnswerPart], side: str | None) -> str:
    quotes = [_text(part) for part in parts if part.side == side]
    return "".join(f'<blockquote class="studium-quote">{text}</blockquote>' for text in quotes)


def _text(part: AnswerPart) -> str:
    """A part with its places; what stands nowhere is marked."""
    marks = "".join(f'<sup class="studium-cited">{number}</sup>' for number in part.citations)
    if part.supported is not False:
        return f"{escape(part.text)}{marks}"
    return f'<span class="studium-unsupported">{escape(part.text)}</span>{marks} <small>({UNSUPPORTED})</small>'


def _show(number: int) -> None:
    st.session_state[SHOWN] = number


def shown(turns: list[ChatTurn]) -> ChatTurn | None:
    """The turn whose sources stand in the panel: the chosen one, or the last that has any."""
    cited = [turn for turn in turns if turn.answer and turn.answer.citations]
    chosen = st.session_state.get(SHOWN)
    return next((turn for turn in cited if turn.number == chosen), cited[-1] if cited else None)


def sources(turn: ChatTurn) -> None:
    """The panel: where the answer stands, in its surroundings, and the ways there."""
    assert turn.answer is not None  # noqa: S101 - `shown` chose it
    st.header("Sources", anchor=False)
    for citation in turn.answer.citations:
        with frame.card(f"source-{turn.number}-{citation.number}"):
            _source(citation, f"{turn.number}-{citation.number}")


def _source(citation: Citation, key: str) -> None:
    quote = Quote(text=citation.quote, score=0, **citation.model_dump(exclude={"quote", "number", "version"}))
    st.html(f'<p class="studium-number">{citation.number}</p>{quotes.passage(quote)}')
    if citation.changed_since:
        st.caption(":material/history: This file has changed since, or is no longer shown to you.")
    with st.container(horizontal=True, gap="small"):
        if quotes.opens_in_browser(quote):
            st.link_button(f"Open at {quotes.page_words(quote)}", quote.open_url, icon=":material/picture_as_pdf:")
        if st.button("Read it in place", key=f"read-{key}", icon=":material/menu_book:"):
            quotes.show_source(quote)
        if quote.source_url:
            label = "In Moodle" if quote.module_name else "Its web page"
            st.link_button(label, quote.source_url, icon=":material/open_in_new:", type="tertiary")
