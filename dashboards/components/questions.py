"""The hardest questions of a course: what most learners did not know, and how sure that is."""

from html import escape

import streamlit as st

from dashboards.components import words
from dashboards.components.frame import card_title, empty
from studium.wire.analytics import Cohort, HardQuestion

SHOWN = 5
LENGTH = 110


def show(cohort: Cohort) -> None:
    """What most learners did not know."""
    card_title(
        "Hardest questions",
        "Mean share of the marks at each learner's first finished attempt, with the range it may lie in (95 %).",
    )
    few = f"{words.count(cohort.questions_withheld, 'question')} with too few answers to tell."
    if not cohort.questions:
        why = few if cohort.questions_withheld else "Questions appear with the first finished attempts at a quiz."
        empty("quiz", "No question answered often enough", why)
        return
    rows = [row(question) for question in cohort.questions]
    st.html(f'<ul class="studium-rows">{"".join(rows[:SHOWN])}</ul>')
    if rows[SHOWN:]:
        with st.expander(f"{len(rows) - SHOWN} more"):
            st.html(f'<ul class="studium-rows">{"".join(rows[SHOWN:])}</ul>')
    if cohort.questions_withheld:
        st.caption(few)


def row(question: HardQuestion) -> str:
    """One question: its text, where it stands, how many answered, and how well."""
    low, high = question.facility_low_pct, question.facility_high_pct
    facts = f"question {question.slot} · {words.count(question.learners, 'learner')} · {low:.0f} to {high:.0f} %"
    link = escape(question.url, quote=True)
    quiz = f'<a href="{link}" target="_blank" rel="noopener">{escape(question.module_name)}</a>'
    return (
        f'<li><span class="grow" title="{escape(question.text, quote=True)}">'
        f"{escape(words.shortened(question.text, LENGTH))}"
        f'<span class="small">{quiz} · {facts}</span>'
        f'<span class="bar span"><i style="margin-left:{low:.0f}%;width:{high - low:.0f}%"></i>'
        f'<b style="left:{question.facility_pct:.0f}%"></b></span></span>'
        f'<span class="end">{words.percent(question.facility_pct)}</span></li>'
    )
