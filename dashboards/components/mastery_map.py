"""What is known of each topic, how sure that is, and the evidence behind it, which can be contested."""

from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import api
from dashboards.components import words
from dashboards.components.frame import card_title, empty
from studium.wire.mastery import (
    ContestEvidence,
    ContestReason,
    Evidence,
    EvidenceKind,
    Level,
    Mastery,
    TopicMastery,
)

LEVELS: dict[Level, str] = {
    "unknown": "too little to tell",
    "weak": "weak",
    "building": "building up",
    "strong": "strong",
}
KINDS: dict[EvidenceKind, str] = {"card_review": "Card", "practice_attempt": "Practice", "quiz_response": "Moodle quiz"}
REASONS: dict[ContestReason, str] = {
    "slip": "I hit the wrong key",
    "not_me": "That was not me",
    "bad_question": "The question or card is wrong",
    "other_topic": "It belongs to another topic",
    "other": "Something else",
}
SHOWN = 10
LENGTH = 120
MOST_SHOWN = 200


def show(course_id: str, mastery: Mastery, timezone: ZoneInfo) -> None:
    """The map, and the evidence of the topic that is chosen."""
    card_title(
        "What you know",
        "How much of what is asked of a topic you would get right now. The bar is the range it lies in (95 %): the "
        "more you answer, the narrower. A card counts from its second day, half as much as a question; "
        "older answers count less.",
    )
    if not mastery.topics:
        empty("category", "No topic yet", "Topics are the course's sections; they appear with its first import.")
        return
    st.html(f'<ul class="studium-rows">{"".join(row(topic) for topic in mastery.topics)}</ul>')
    if all(topic.mastery_pct is None and not topic.contested for topic in mastery.topics):
        st.caption("Nothing tells yet what you know. Practise a few questions, or review cards for a second day.")
        return
    evidence(course_id, mastery, timezone)


def row(topic: TopicMastery) -> str:
    """One topic with its range."""
    if topic.mastery_pct is None or topic.low_pct is None or topic.high_pct is None:
        end, bar = words.NOTHING, '<span class="bar"></span>'
    else:
        low, high = topic.low_pct, topic.high_pct
        end = words.percent(topic.mastery_pct)
        bar = (
            f'<span class="bar span"><i style="margin-left:{low:.0f}%;width:{high - low:.0f}%"></i>'
            f'<b style="left:{topic.mastery_pct:.0f}%"></b></span>'
        )
    return (
        f'<li><span class="grow">{escape(topic.name)}<span class="small">{escape(facts(topic))}</span>{bar}</span>'
        f'<span class="end">{end}</span></li>'
    )


def facts(topic: TopicMastery) -> str:
    """`strong · 58 to 83 % · 12 cards, 4 practice questions`."""
    if topic.mastery_pct is None:
        return "no evidence that counts" if topic.contested else "nothing answered yet"
    counts = [
        words.count(number, name)
        for number, name in (
            (topic.card_reviews, "card review"),
            (topic.practice_attempts, "practice answer"),
            (topic.quiz_responses, "quiz answer"),
        )
        if number
    ]
    if topic.contested:
        counts.append(f"{topic.contested:,} contested")
    return f"{LEVELS[topic.level]} · {topic.low_pct:.0f} to {topic.high_pct:.0f} % · {', '.join(counts)}"


def evidence(course_id: str, mastery: Mastery, timezone: ZoneInfo) -> None:
    """What tells it, the newest first; each piece can be contested."""
    with_any = {topic.topic_id: topic.name for topic in mastery.topics if topic.mastery_pct or topic.contested}
    topic_id = st.selectbox(
        "Evidence for",
        list(with_any),
        format_func=lambda key: words.plain(with_any[key]),
        key="evidence-topic",
        width=420,
    )
    if topic_id is None:
        return
    shown = min(int(st.session_state.get("evidence-shown", SHOWN)), MOST_SHOWN)
    page = api.learning(course_id).evidence(topic_id, limit=shown)
    for piece in page.items:
        _piece(course_id, piece, timezone)
    if page.next and shown < MOST_SHOWN and st.button("Show more", key="evidence-more", type="tertiary"):
        st.session_state["evidence-shown"] = shown + 4 * SHOWN
        st.rerun()


def _piece(course_id: str, piece: Evidence, timezone: ZoneInfo) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{piece.evidence_id}"):
        st.html(told(piece, timezone))
        if piece.contest:
            if st.button("Count it again", key=f"accept-{piece.evidence_id}", type="tertiary"):
                api.learning(course_id).accept(piece.evidence_id)
                st.rerun()
        else:
            with st.popover("Contest", type="tertiary"):
                _contest(course_id, piece)


def told(piece: Evidence, timezone: ZoneInfo) -> str:
    """A piece of evidence in words: what was asked, how it went, when, and how much it tells."""
    asked = escape(words.shortened(piece.text or piece.place or "A question that is not shown now", LENGTH))
    if piece.url:
        asked = f'<a href="{escape(piece.url, quote=True)}" target="_blank" rel="noopener">{asked}</a>'
    went = outcome(piece)
    counts = f"counts as {piece.weight:.2f} of an answer"
    if piece.contest:
        said = f": \u201c{piece.contest.words}\u201d" if piece.contest.words else ""
        counts = f"contested, counts for nothing ({REASONS[piece.contest.reason].lower()}{said})"
    small = f"{KINDS[piece.kind]} · {went} · {words.clock(piece.occurred_at, timezone)} · {counts}"
    return f'<p class="studium-file">{asked}<span class="small">{escape(small)}</span></p>'


def outcome(piece: Evidence) -> str:
    """`remembered`, `forgotten`, `right`, `wrong`, `50 % right`."""
    if piece.kind == "card_review":
        return "remembered" if piece.score else "forgotten"
    return {0.0: "wrong", 1.0: "right"}.get(piece.score, f"{100 * piece.score:.0f} % right")


def _contest(course_id: str, piece: Evidence) -> None:
    with st.form(f"contest-{piece.evidence_id}", border=False):
        reason = st.radio("Why does it not tell what you know?", list(REASONS), format_func=REASONS.__getitem__)
        said = st.text_input("In your words (only you see it)", max_chars=500)
        if st.form_submit_button("Let it not count", type="primary"):
            given = ContestEvidence(reason=reason or "other", words=said.strip() or None)
            api.learning(course_id).contest(piece.evidence_id, given)
            st.rerun()
