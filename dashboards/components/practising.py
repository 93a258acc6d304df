"""The question on the table: asked, answered by keyboard, judged; and what the answers say of who gave them."""

import time
from dataclasses import dataclass, field
from html import escape
from uuid import UUID, uuid4

import streamlit as st

from dashboards import api
from dashboards.components import frame, practice_told, quotes, words
from studium.client import ApiError
from studium.wire.practice import CLAIMED, AnswerGiven, Confidence, Judged, Next, PracticeQuestion

TABLE = "practice-table"
SURE: dict[Confidence, tuple[str, str]] = {
    1: ("Guessing", "G"),
    2: ("Unsure", "U"),
    3: ("Fairly sure", "F"),
    4: ("Sure", "S"),
}
KEYS = "1 to 9 choose; G, U, F or S say how sure you are and check the answer; Enter brings the next question."
NINE = 9
MADE = "Made from the course's pages by {by}, and not by your teachers. "


@dataclass
class Table:
    """What lies on the table, for as long as the page is open."""

    course_id: str
    topic_id: str | None
    next: Next
    key: str = field(default_factory=lambda: str(uuid4()))
    since: float = field(default_factory=time.monotonic)
    chosen: set[int] = field(default_factory=set)
    judged: Judged | None = None
    put_aside: list[UUID] = field(default_factory=list)
    trouble: ApiError | None = None
    missing: bool = False
    """Somebody said how sure they are and had answered nothing."""


def table(course_id: str, topic_id: str | None) -> Table:
    """The table, laid anew for another course or topic."""
    laid = st.session_state.get(TABLE)
    if not isinstance(laid, Table) or (laid.course_id, laid.topic_id) != (course_id, topic_id):
        laid = Table(course_id, topic_id, api.practice(course_id).next(topic_id))
        st.session_state[TABLE] = laid
    return laid


@st.fragment
def practise(course_id: str, topic_id: str | None) -> None:
    """Ask, judge, go on; nothing else of the page is drawn again."""
    with frame.problems_in_words():
        laid = table(course_id, topic_id)
        with frame.card("question"):
            if laid.judged is not None and laid.next.question is not None:
                _judged(laid, laid.next.question, laid.judged)
            elif laid.next.question is not None:
                _asked(laid, laid.next.question)
            else:
                _nothing(laid)
            _trouble(laid)
        practice_told.about(course_id, laid.next.kept_back)


def _trouble(laid: Table) -> None:
    if laid.missing:
        st.info("Answer first, then say how sure you are.", icon=":material/edit:")
    trouble, laid.trouble, laid.missing = laid.trouble, None, False
    if trouble is not None:
        with frame.problems_in_words():
            raise trouble


def _nothing(laid: Table) -> None:
    again = laid.next.again_at
    zone = words.zone(api.me().timezone)
    when = f" The first comes again {words.clock(again, zone)}." if again else ""
    frame.empty("quiz", "Nothing to practise just now", f"{laid.next.why}{when}")
    if laid.put_aside:
        st.button("Take up what was put aside", key="practice-again", on_click=_go_on, args=(laid, []))


def _asked(laid: Table, question: PracticeQuestion) -> None:
    st.html(f'<p class="studium-note">{escape(laid.next.why)}</p>')
    st.html(f'<div class="studium-question">{question.html}</div>')
    if question.made_by:
        alone = "Only you see it." if question.is_yours_alone else ""
        st.caption(words.plain(MADE.format(by=question.made_by) + alone))
    _answer(laid, question)
    st.html('<p class="studium-note">How sure are you? Saying so checks your answer.</p>')
    with st.container(horizontal=True, gap="small"):
        for level, (label, key) in SURE.items():
            st.button(
                f"{label} ({CLAIMED[level]:.0%})", key=f"practice-sure-{level}", shortcut=key,
                on_click=_give, args=(laid, question, level),
            )  # fmt: skip
        aside = [*laid.put_aside, question.question_id]
        st.button("Another question", key="practice-aside", type="tertiary", on_click=_go_on, args=(laid, aside))


def _answer(laid: Table, question: PracticeQuestion) -> None:
    """Where the answer is given."""
    if question.prompts:
        names = {option.option_id: words.plain(option.text) for option in question.options}
        for number, prompt in enumerate(question.prompts):
            st.selectbox(
                words.plain(prompt), list(names), format_func=names.__getitem__, index=None, placeholder="Choose",
                key=f"practice-match-{laid.key}-{number}",
            )  # fmt: skip
    elif question.options:
        _choosing(laid, question)
    else:
        label = "Your answer, a number" if question.qtype == "numerical" else "Your answer"
        st.text_input(label, key=f"practice-text-{laid.key}", max_chars=1000)


def _choosing(laid: Table, question: PracticeQuestion) -> None:
    if question.several:
        st.caption("Several may be right.")
    for number, option in enumerate(question.options, start=1):
        is_chosen = option.option_id in laid.chosen
        st.button(
            words.plain(option.text) or words.NOTHING,
            key=f"practice-option-{laid.key}-{option.option_id}",
            type="primary" if is_chosen else "secondary",
            icon=":material/check:" if is_chosen else None,
            shortcut=str(number) if number <= NINE else None,
            width="stretch",
            wrap=True,
            on_click=_choose,
            args=(laid, option.option_id, question.several),
        )


def _choose(laid: Table, option_id: int, several: bool) -> None:
    laid.chosen = laid.chosen ^ {option_id} if several else {option_id}


def _given(laid: Table, question: PracticeQuestion) -> tuple[list[int] | None, str | None]:
    """What is answered so far: what was chosen, or what was typed."""
    if question.prompts:
        picked = [st.session_state.get(f"practice-match-{laid.key}-{place}") for place in range(len(question.prompts))]
        return ([one for one in picked if one is not None] if None not in picked else None), None
    if question.options:
        return sorted(laid.chosen) or None, None
    return None, str(st.session_state.get(f"practice-text-{laid.key}") or "").strip() or None


def _give(laid: Table, question: PracticeQuestion, level: Confidence) -> None:
    choices, text = _given(laid, question)
    laid.missing = choices is None and text is None
    if laid.missing:
        return
    given = AnswerGiven(
        question_id=question.question_id,
        choices=choices,
        text=text,
        confidence_level=level,
        time_taken_seconds=min(time.monotonic() - laid.since, 86_400),
    )
    try:
        laid.judged = api.practice(laid.course_id).answer(given, key=laid.key)
    except ApiError as error:  # said where the question stands; the same key counts once, whatever arrived
        laid.trouble = error
    practice_told.forget()


def _go_on(laid: Table, put_aside: list[UUID]) -> None:
    try:
        found = api.practice(laid.course_id).next(laid.topic_id, without=put_aside)
    except ApiError as error:
        laid.trouble = error
    else:
        st.session_state[TABLE] = Table(laid.course_id, laid.topic_id, found, put_aside=put_aside)


def _judged(laid: Table, question: PracticeQuestion, judged: Judged) -> None:
    st.html(f'<div class="studium-question">{question.html}</div>')
    attempt = judged.attempt
    given = words.plain(judged.given)
    if attempt.is_correct:
        st.success(f"Right: {given}", icon=":material/check_circle:")
    elif attempt.fraction > 0:
        st.warning(f"Right in part ({attempt.fraction:.0%}): {given}", icon=":material/contrast:")
    else:
        st.error(f"Not right: {given}", icon=":material/cancel:")
    if not attempt.is_correct:
        st.markdown(f"**Right answer:** {words.plain(judged.right_answer)}")
    for said in judged.said:
        st.markdown(words.plain(said))
    st.button(
        "Next question",
        key="practice-next",
        type="primary",
        shortcut="Enter",
        on_click=_go_on,
        args=(laid, laid.put_aside),
    )
    _read_on(judged)
    if judged.session is not None:
        st.caption(practice_told.session(judged.session))


def _read_on(judged: Judged) -> None:
    if not judged.quotes:
        st.caption("No page of the course that you may read says this in words near to it.")
        return
    st.html('<p class="studium-note">Where the course says it, found by searching its pages:</p>')
    for number, quote in enumerate(judged.quotes):
        st.html(quotes.passage(quote))
        if st.button("Open the source", key=f"practice-source-{number}", type="tertiary", icon=":material/menu_book:"):
            quotes.show_source(quote)
