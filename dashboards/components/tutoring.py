"""What models cost and may cost, and how one wants a course explained; nothing of it where there is no model."""

from html import escape

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.client import Unavailable
from studium.wire.tutoring import Preferences, Purse, Spending, SpendingDay

LEVELS = {
    None: "As the course does",
    "beginner": "I am new to it",
    "intermediate": "I know the basics",
    "advanced": "I know it well",
}
LENGTHS = {None: "As long as it takes", "short": "Short", "long": "In detail"}
LANGUAGES = {None: "As I ask", "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "hr": "Hrvatski"}
SHOWN = 7


def wishes(course_id: str) -> None:
    """How answers are to be, and what one's own have cost today."""
    try:
        found = api.spending(course_id)
    except Unavailable:
        return  # figures that are not built yet, as after an update, are no reason not to ask
    if not found.has_model:
        return
    with st.popover("Answers", icon=":material/tune:"):
        wanted = api.preferences(course_id)
        with st.form("wishes", border=False):
            level = _choice("What you know", "level", LEVELS, wanted.level)
            length = _choice("How long", "length", LENGTHS, wanted.length)
            language = _choice("Language", "language", LANGUAGES, wanted.language)
            if st.form_submit_button("Save"):
                told = {"level": level, "length": length, "language": language}
                api.prefer(course_id, Preferences.model_validate(told))
                st.caption("From your next question on.")
        st.caption(f"Your answers cost {purse(found.today, found.currency)} today.")


def _choice(label: str, name: str, options: dict[str | None, str], now: str | None) -> str | None:
    known = list(options) if now in options else [*options, now]
    return st.selectbox(
        label,
        known,
        index=known.index(now),
        format_func=lambda value: options.get(value, str(value)),
        key=f"wish-{name}",
    )


def costs(course_id: str) -> None:
    """A course's month in chat, for those who teach it; nothing where nothing is spent or bounded."""
    found = api.spending(course_id)
    if found.month is None or not (found.days or found.has_model):
        return
    with frame.card("costs"):
        frame.card_title("What chat costs", "Of this course's chat models, by day (UTC). Nobody is named.")
        st.html(f'<p class="studium-note">{escape(_month(found))}</p>')
        if found.days:
            rows = "".join(map(_row, found.days[:SHOWN]))
            st.html(f'<ul class="studium-rows">{rows}</ul>')


def _month(found: Spending) -> str:
    assert found.month is not None  # noqa: S101 - who calls has looked
    return f"This month: {purse(found.month, found.currency)}."


def purse(one: Purse, currency: str) -> str:
    """`0.12 of 5.00 EUR`, and what happens at the bound."""
    if one.hard is not None:
        return f"{one.spent:.2f} of {one.hard:.2f} {currency}; then the course is quoted instead"
    if one.soft is not None:
        return f"{one.spent:.2f} {currency}; from {one.soft:.2f} on the simpler model answers"
    return f"{one.spent:.2f} {currency}"


def _row(one: SpendingDay) -> str:
    people = f" · {words.count(one.learners, 'person', 'people')}" if one.learners else ""
    facts = f"{words.count(one.turns, 'answer')}{people} · {one.tokens_in + one.tokens_out:,} tokens"
    return (
        f'<li><span class="grow">{words.short_day(one.day)}<span class="small">{escape(facts)}</span></span>'
        f'<span class="end">{one.spent:.2f} {escape(one.currency)}</span></li>'
    )
