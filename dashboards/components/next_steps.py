"""What to do next: the best step with its reason and a way to it, and what comes after."""

from html import escape
from typing import Literal

import streamlit as st

from dashboards.components import words
from dashboards.components.frame import card_title
from studium.wire.mastery import NextStep, NextSteps, StepKind

TITLES: dict[StepKind, str] = {
    "review": "Review your cards",
    "practise": "Practise",
    "read": "Read",
    "rest": "Take a break",
}
ICONS: dict[StepKind, str] = {
    "review": "style",
    "practise": "exercise",
    "read": "menu_book",
    "rest": "self_improvement",
}
PAGES: dict[StepKind, str] = {"review": "smart_study", "practise": "practice"}
LABELS: dict[StepKind, str] = {"review": "Start reviewing", "practise": "Start practising", "read": "Open the page"}


def show(told: NextSteps) -> None:
    """The first step as the one to take, the others as what else there is."""
    card_title("What to do next", today(told))
    first, *others = told.steps
    st.html(
        f'<p class="studium-where"><b>{escape(title(first))}</b> · {escape(words.duration(first.minutes))}<br>'
        f"{escape(first.reason)}</p>"
    )
    way(first, "first", is_primary=True)
    for number, step in enumerate(others):
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-step-{number}"):
            st.html(
                f'<p class="studium-file">{escape(title(step))} · {escape(words.duration(step.minutes))}'
                f'<span class="small">{escape(step.reason)}</span></p>'
            )
            way(step, f"step-{number}", is_primary=False)
    st.caption(
        "Proposed by a rule: what ten minutes may bring, by what is due, what you know, and how near the exam is."
    )


def title(step: NextStep) -> str:
    """`Practise: Heart sounds`."""
    what = step.title or step.topic_name if step.kind in ("read", "practise") else None
    return f"{TITLES[step.kind]}: {what}" if what else TITLES[step.kind]


def today(told: NextSteps) -> str | None:
    """What of the day is done, and how far the exam is."""
    parts = []
    if told.minutes_a_day:
        parts.append(f"{told.minutes_today} of {told.minutes_a_day} minutes planned for today are done.")
    elif told.minutes_today:
        parts.append(f"{words.duration(told.minutes_today)} today.")
    if told.exam_in_days is not None:
        when = "today" if told.exam_in_days == 0 else f"in {words.count(told.exam_in_days, 'day')}"
        parts.append(f"Your exam is {when}.")
    return " ".join(parts) or None


def way(step: NextStep, key: str, *, is_primary: bool) -> None:
    """A button that leads there; for a rest there is none."""
    look: Literal["primary", "tertiary"] = "primary" if is_primary else "tertiary"
    if step.kind == "read" and step.url:
        st.link_button(LABELS["read"], step.url, type=look, icon=":material/open_in_new:")
    elif step.kind in PAGES:
        icon = f":material/{ICONS[step.kind]}:"
        if st.button(LABELS[step.kind], key=f"go-{key}", type=look, icon=icon):
            topic = {"topic": step.topic_id} if step.kind == "practise" and step.topic_id else None
            st.switch_page(f"app_pages/{PAGES[step.kind]}.py", query_params=topic)
