"""What answers in practice tell: how far one is by topic, how well one knows that, and what is kept back."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, mastery_map, words
from studium.wire.mastery import TopicMastery
from studium.wire.practice import Calibration, ConfidenceStep, KeptBack, StudySession

TOLD = "practice-told"
STEPS = {1: "Guessing", 2: "Unsure", 3: "Fairly sure", 4: "Sure"}


def about(course_id: str, kept_back: Sequence[KeptBack]) -> None:
    """Everything one's answers tell, as it stands after the last one."""
    topics, calibration = _told(course_id)
    left, right = st.columns(2, gap="small")
    with left, frame.card("mastery", stretch=True):
        _mastery(topics)
    with right, frame.card("calibration", stretch=True):
        _calibration(calibration)
    for one in kept_back:
        st.caption(f"Kept back: questions of {words.plain(one.name)}. {words.plain(one.why)}")


def forget() -> None:
    """After an answer it is read anew."""
    st.session_state.pop(TOLD, None)


def session(done: StudySession) -> str:
    """A session in a sentence."""
    minutes = words.duration(max(done.duration_seconds / 60, 1))
    return f"This session: {words.count(done.questions_answered, 'question')}, {done.correct_answers} right, {minutes}."


def _told(course_id: str) -> tuple[list[TopicMastery], Calibration]:
    kept = st.session_state.get(TOLD)
    if kept is None or kept[0] != course_id:
        kept = (course_id, api.learning(course_id).mastery().topics, api.practice(course_id).calibration())
        st.session_state[TOLD] = kept
    return kept[1], kept[2]


def _mastery(topics: Sequence[TopicMastery]) -> None:
    frame.card_title(
        "What you know",
        "How much of what is asked of a topic you would get right now, and its range (95 %), as on Progress.",
    )
    if not topics:
        frame.empty("category", "No topic yet", "Topics are the course's sections; they appear with its first import.")
        return
    st.html(f'<ul class="studium-rows">{"".join(mastery_map.row(topic) for topic in topics)}</ul>')


def _calibration(calibration: Calibration) -> None:
    frame.card_title(
        "How well you know what you know",
        "How often you were right, beside how sure you said you were. The bar is the range it lies in (95 %).",
    )
    st.html(f'<p class="studium-note">{escape(calibration.verdict)}</p>')
    rows = [_step(one) for one in calibration.steps if one.answers]
    if rows:
        st.html(f'<ul class="studium-rows">{"".join(rows)}</ul>')


def _step(one: ConfidenceStep) -> str:
    name = f"{STEPS[one.confidence_level]} (said {one.claimed:.0%})"
    return _row(name, words.count(one.answers, "answer"), one.low or 0, one.right or 0, one.high or 0)


def _row(name: str, facts: str, low: float, middle: float, high: float) -> str:
    """A name, what it rests on, and a share with its range."""
    return (
        f'<li><span class="grow">{name}<span class="small">{facts} · {100 * low:.0f} to {100 * high:.0f} %</span>'
        f'<span class="bar span"><i style="margin-left:{100 * low:.0f}%;width:{100 * (high - low):.0f}%"></i>'
        f'<b style="left:{100 * middle:.0f}%"></b></span></span>'
        f'<span class="end">{words.percent(100 * middle)}</span></li>'
    )
