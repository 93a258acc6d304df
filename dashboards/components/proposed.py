"""Proposed cards, each with what it rests on, to be taken, changed or refused."""

from collections.abc import Callable
from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.proposals import EditedProposal, Proposal

AT_ONCE = 10
EDITED = "proposal_to_change"
BY_RULE = "Made by rule from the words below it. Check that it asks what you want to know."
BY_MODEL = "Written by a language model ({model}) and held against the words below it. It can still be wrong."
GAPS = "What is hidden is written {{c1::hidden}}."


def listed(course_id: str, topic_id: str | None, *, refused: bool) -> None:
    """A page of them, or why there are none."""
    found = api.card_proposals().list(course_id, topic_id=topic_id, refused=refused, limit=AT_ONCE)
    if found.notice:
        frame.empty("lock_clock", "Not just now", words.plain(found.notice))
    elif not found.items:
        _nothing(refused=refused, looked=found.looked_at is not None)
    else:
        if not refused:
            _all_at_once(found.items)
        for one in found.items:
            with frame.card(f"proposal-{one.proposal_id}"):
                card(one, refused=refused)
        if found.next:
            st.caption("More follow when you have decided about these.")


def card(one: Proposal, *, refused: bool = False, on_decided: Callable[[], None] = lambda: None) -> None:
    """What it asks and answers, what it rests on, and what can be done with it."""
    if st.session_state.get(EDITED) == one.proposal_id:
        _change(one, on_decided)
        return
    st.html(
        f'<div class="studium-face">{one.question_html}<div class="answer">{one.answer_html}</div></div>'
        f'<p class="studium-where">{_where(one)}</p>'
        f'<blockquote class="studium-quote">{escape(words.shortened(_quote(one), 400))}</blockquote>'
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if refused:
            if st.button("Propose it again", key=f"restore-{one.proposal_id}", icon=":material/undo:"):
                api.card_proposals().restore(one.proposal_id)
                st.rerun()
            return
        if st.button("Take it", key=f"take-{one.proposal_id}", icon=":material/check:", type="primary"):
            on_decided()
            _take([one])
        if st.button("Change it first", key=f"edit-{one.proposal_id}", icon=":material/edit:"):
            st.session_state[EDITED] = one.proposal_id
            st.rerun()
        if st.button("Not for me", key=f"refuse-{one.proposal_id}", icon=":material/close:", type="tertiary"):
            api.card_proposals().refuse([one.proposal_id])
            on_decided()
            st.rerun()


def _all_at_once(items: list[Proposal]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        how = BY_RULE if all(one.made_by == "rule" for one in items) else BY_MODEL.format(model="see each card")
        st.caption(how, width="stretch")
        if st.button(f"Take these {len(items)}", key="take-all", type="tertiary", icon=":material/done_all:"):
            _take(items)


def _take(items: list[Proposal]) -> None:
    made = api.card_proposals().accept([one.proposal_id for one in items])
    asked = "it" if len(made) == 1 else "them"
    st.toast(f"{words.count(len(made), 'card')} added. Smart Study asks {asked}.", icon=":material/check:")
    st.rerun()


def _change(one: Proposal, on_decided: Callable[[], None]) -> None:
    with st.form(f"change-proposal-{one.proposal_id}", border=False):
        front = st.text_area("Text" if one.kind == "cloze" else "Question", one.front, key=f"front-{one.proposal_id}")
        if one.kind == "cloze":
            st.caption(words.plain(GAPS))
        back = st.text_area("More, shown with the answer" if one.kind == "cloze" else "Answer", one.back)
        if st.form_submit_button("Take it like this", type="primary"):
            api.card_proposals().edit(one.proposal_id, EditedProposal.model_construct(front=front, back=back))
            on_decided()
            _leave()
    if st.button("Leave it as it is", key=f"leave-{one.proposal_id}"):
        _leave()


def _leave() -> None:
    st.session_state.pop(EDITED, None)
    st.rerun()


def _where(one: Proposal) -> str:
    """Where it is from, as HTML, and who made it where that was a model."""
    place = one.source
    parts = [f"<b>{escape(place.title)}</b>" if place and place.title else "<b>The question bank</b>"]
    if place and place.page is not None:
        parts.append(f"{place.page_kind or 'page'} {place.page}")
    if place and place.open_url:
        parts.append(f'<a href="{escape(place.open_url)}" target="_blank" rel="noopener">Open</a>')
    if one.made_by != "rule":
        parts.append(escape(BY_MODEL.format(model=one.made_by)))
    return " · ".join(parts)


def _quote(one: Proposal) -> str:
    return one.source.quote if one.source and one.source.quote else one.front


def _nothing(*, refused: bool, looked: bool) -> None:
    if refused:
        frame.empty("inbox", "You have refused none", "What you refuse is kept here, so that you can take it back.")
    elif looked:
        frame.empty(
            "done_all",
            "Nothing more is proposed here",
            "You have decided about all of it. New material brings new cards; below, cards are made of your own notes.",
        )
    else:
        frame.empty(
            "hourglass_empty",
            "Not looked through yet",
            "Cards are proposed a few minutes after the course's material has been read. "
            "Below, they are made of a topic or a note at once.",
        )
