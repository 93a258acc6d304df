"""The questions of a bank, one under the other, and what a teacher can do with each. Their HTML came cleaned."""

from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.question_bank import BankAnswer, BankChange, BankQuestion, Origin, Standing

SHOWN = 25
EVERYWHERE = "All sections"
TYPES = {
    "multichoice": "Multiple choice",
    "truefalse": "True or false",
    "shortanswer": "Typed answer",
    "numerical": "Number",
    "match": "Matching",
}
ORIGINS: dict[str, Origin | None] = {
    "From anywhere": None, "From Moodle": "moodle", "Written by teachers": "teacher", "Made by Studium": "generated",
}  # fmt: skip
STANDINGS: dict[str, Standing] = {"In use": "in_use", "Waiting for you": "waiting", "Retired": "retired"}
NONE_YET = {
    "in_use": (
        "No question in use",
        "Add one, take in a file, or have some made below. Moodle\u2019s come by themselves.",
    ),
    "waiting": ("Nothing waits for you", "Questions that Studium makes for this course wait here until you use them."),
    "retired": ("Nothing is retired", "A question that is retired is not asked any more, and can be used again."),
}


def topics(course_id: str) -> dict[str, str]:
    """The course's sections, by their ids."""
    return {topic.topic_id: topic.name for topic in api.topics(course_id)}


def listing(course_id: str) -> None:
    """Questions that fit what is chosen, the newest first."""
    frame.card_title(
        "Questions", "Learners practise those in use, where they may see the section and no quiz forbids it."
    )
    names = topics(course_id)
    with st.container(horizontal=True, gap="small"):
        show = STANDINGS[st.selectbox("Show", list(STANDINGS), key="bank-show")]
        topic = st.selectbox(
            "Section", [None, *names], format_func=lambda one: names.get(one, EVERYWHERE), key="bank-topic"
        )
        origin = ORIGINS[st.selectbox("Where from", list(ORIGINS), key="bank-origin")]
        said = st.text_input("With the words", key="bank-words", max_chars=200).strip()
    bank = api.question_bank(course_id)
    after = st.session_state.get("bank-after")
    page = bank.list(topic_id=topic, origin=origin, show=show, q=said or None, after=after, limit=SHOWN)
    if not page.items:
        frame.empty("quiz", *(NONE_YET[show] if not said else ("Nothing found", "Try other words, or all sections.")))
    for question in page.items:
        with st.container(key=f"bank-{question.question_id}", gap="small", border=True):
            _one(course_id, question, names)
    _turn(page.next, after)


def _turn(following: str | None, after: str | None) -> None:
    with st.container(horizontal=True, gap="small"):
        if after and st.button("Back to the newest", key="bank-first", icon=":material/first_page:", type="tertiary"):
            del st.session_state["bank-after"]
            st.rerun()
        if following and st.button("Older ones", key="bank-older", icon=":material/navigate_next:", type="tertiary"):
            st.session_state["bank-after"] = following
            st.rerun()


def _one(course_id: str, question: BankQuestion, names: dict[str, str]) -> None:
    st.html(f'<div class="studium-said">{question.text}</div>')
    st.html(f'<ul class="studium-note">{"".join(_answer(question, one) for one in question.answers)}</ul>')
    facts = [TYPES[question.qtype], question.topic or "No section", _made(question), _answered(question)]
    if question.difficulty:
        facts.insert(1, f"meant to be {question.difficulty}")
    st.caption(words.plain(" \u00b7 ".join(facts)))
    if question.quote:
        with st.expander("The words of the course it rests on", key=f"quote-{question.question_id}"):
            st.html(f'<blockquote class="studium-quote">{escape(question.quote)}</blockquote>')
    _deeds(course_id, question, names)


def _answer(question: BankQuestion, one: BankAnswer) -> str:
    is_html = question.qtype == "multichoice"
    text = one.text if is_html else escape(one.text)
    if question.qtype == "match":
        return f"<li>{one.prompt or ''} \u2192 <b>{text}</b></li>"
    off = f" \u00b1 {one.tolerance:g}" if one.tolerance else ""
    share = "right" if one.fraction == 1 else f"{one.fraction:.0%}" if one.fraction else ""
    marked = f"<b>{text}{off}</b> ({share})" if share else f"{text}{off}"
    return f"<li>{marked}</li>"


def _made(question: BankQuestion) -> str:
    if question.origin == "moodle":
        return "from Moodle"
    if question.origin == "teacher":
        return "written by a teacher"
    return "made by rule" if question.made_by == "rule" else f"made by a model ({question.made_by})"


def _answered(question: BankQuestion) -> str:
    return f"answered by {words.count(question.answered, 'learner')}" if question.answered else "not answered yet"


def _deeds(course_id: str, question: BankQuestion, names: dict[str, str]) -> None:
    bank, key = api.question_bank(course_id), question.question_id
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        uses = question.standing != "in_use"
        label, icon = ("Use it", ":material/check:") if uses else ("Retire it", ":material/archive:")
        if st.button(
            label, key=f"use-{key}", icon=icon, type="primary" if question.standing == "waiting" else "tertiary"
        ):
            bank.change(key, BankChange(is_in_use=uses))
            st.rerun()
        if question.origin == "moodle" and not uses:
            _release(course_id, question)
        if question.standing == "waiting" and st.button("Refuse it", key=f"no-{key}", type="tertiary"):
            bank.change(key, BankChange(is_in_use=False))
            st.rerun()
        with st.popover("Section", icon=":material/drive_file_move:", type="tertiary", key=f"move-{key}"):
            ids = [None, *names]
            place = ids.index(question.topic_id) if question.topic_id in ids else 0
            chosen = st.selectbox(
                "It belongs to", ids, place, format_func=lambda one: names.get(one, "No section"), key=f"to-{key}"
            )
            if st.button("Put it there", key=f"put-{key}", type="primary"):
                bank.change(key, BankChange(topic_id=chosen))
                st.rerun()


def _release(course_id: str, question: BankQuestion) -> None:
    """A bank's question that no quiz has asked yet may be meant for an exam: it waits until a teacher lets it go."""
    label, icon = (
        ("Keep it for quizzes", ":material/lock:") if question.is_released else ("Release it", ":material/lock_open:")
    )
    why = (
        "Without this, learners practise it once a quiz they may see has asked it. "
        "A quiz that is still to be sat keeps it back either way."
    )
    if st.button(label, key=f"release-{question.question_id}", icon=icon, type="tertiary", help=why):
        wanted = BankChange(is_released=not question.is_released)
        api.question_bank(course_id).change(question.question_id, wanted)
        st.rerun()
