"""How is the course going, and who has gone quiet?"""

from html import escape
from typing import Any
from urllib.parse import quote

import streamlit as st

from dashboards import api
from dashboards.components import charts, frame, questions, tutoring, words
from studium.client import Cohort, CohortLearner
from studium.wire.analytics import ExportName, QuietReason

QUIET_SHOWN = 6
REASONS: dict[QuietReason, str] = {
    "never_came": "never came",
    "stayed_away": "stayed away",
    "slowing_down": "slowing down",
}

EXPORTS: dict[ExportName, str] = {
    "learners": "Learners",
    "activity": "Activity by day",
    "engagement": "Engagement by week",
    "quiz_attempts": "Quiz attempts",
    "grades": "Grades",
    "completions": "Completions",
    "questions": "Questions",
}


def metrics(cohort: Cohort) -> None:
    """The four numbers."""
    plain: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off", "border": True}
    with st.grid(4, min_column_width=150):
        st.metric("Learners", f"{cohort.learners:,}", "enrolled now", **plain)
        st.metric("Active last week", f"{cohort.active_last_week:,}", f"of {cohort.learners:,}", **plain)
        st.metric("Completion", words.percent(cohort.mean_completion_pct), "mean of learners", **plain)
        st.metric("Grade", words.percent(cohort.mean_grade_pct), "mean of learners", **plain)


def engagement(cohort: Cohort) -> None:
    """Who was seen, week by week."""
    frame.card_title(
        "Engagement by week", "Learners seen in the course each week; the dashed line is everybody enrolled."
    )
    if not cohort.weeks:
        frame.empty("monitoring", "No activity yet", "Import the course's log to see its weeks.")
        return
    busiest = max(cohort.weeks, key=lambda week: week.learners_active)
    says = (
        f"Learners seen by week; the most, {busiest.learners_active}, in the week of {words.week(busiest.week_start)}."
    )
    charts.draw(charts.weekly_engagement(cohort.weeks), says, height=260)


def quiet(cohort: Cohort, shortname: str) -> None:
    """Who has not been seen for a while, and since when."""
    frame.card_title(
        "Gone quiet",
        f"Not seen for {words.count(cohort.quiet_after_days, 'day')} or more, or far less than before; longest first.",
    )
    if not cohort.quiet:
        frame.empty(
            "emoji_events",
            "Everybody is here",
            f"All learners of {shortname} were seen in the last {cohort.quiet_after_days} days.",
        )
        return
    rows = [quiet_row(learner) for learner in cohort.quiet]
    st.html(f'<ul class="studium-rows">{"".join(rows[:QUIET_SHOWN])}</ul>')
    if rows[QUIET_SHOWN:]:
        with st.expander(f"{len(rows) - QUIET_SHOWN} more"):
            st.html(f'<ul class="studium-rows">{"".join(rows[QUIET_SHOWN:])}</ul>')


def quiet_row(learner: CohortLearner) -> str:
    """One person: how long ago, since when, how far, and how to write to them."""
    link = f"/learner?learner={quote(learner.learner_id)}"
    facts = [
        *([REASONS[learner.quiet_reason]] if learner.quiet_reason else []),
        *([f"last seen {words.day(learner.last_active_date)}"] if learner.last_active_date else []),
        f"{words.percent(learner.completion_pct)} completed",
    ]
    small = escape(" · ".join(facts))
    if learner.email:
        small += f' · <a href="mailto:{escape(learner.email, quote=True)}">{escape(learner.email)}</a>'
    return (
        f'<li><span class="grow"><a href="{escape(link, quote=True)}" target="_self">{escape(learner.full_name)}</a>'
        f'<span class="small">{small}</span></span><span class="end">{words.days_ago(learner.quiet_days)}</span></li>'
    )


def completion(cohort: Cohort) -> None:
    """How far each module got."""
    frame.card_title("Completion by module", "In the course's order, of the learners each module is open to.")
    if not cohort.modules:
        frame.empty("monitoring", "No module counts for completion", "Completion is set per activity in Moodle.")
        return
    says = f"Share of learners who completed each of {words.count(len(cohort.modules), 'module')}"
    charts.draw(charts.module_completion(cohort.modules), says)


def quizzes(cohort: Cohort) -> None:
    """How the quizzes went."""
    frame.card_title("Quiz results", "From the lowest to the highest best result of a learner; the dot is the median.")
    if not any(quiz.median_pct is not None for quiz in cohort.quizzes):
        frame.empty("monitoring", "No quiz finished yet", "Results appear with the first finished attempt.")
        return
    says = f"Lowest, median and highest result of {words.count(len(cohort.quizzes), 'quiz', 'quizzes')}"
    charts.draw(charts.quiz_ranges(cohort.quizzes), says)


def downloads(course_id: str, shortname: str) -> None:
    """The tables behind the page."""
    frame.card_title("Downloads", "The tables behind this page as CSV (UTF-8). Each download is recorded.")
    with st.container(horizontal=True, gap="small"):
        for name, title in EXPORTS.items():
            st.download_button(
                title,
                api.exporter(course_id, name),
                file_name=f"{shortname.lower()}-{name}.csv",
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
            )


course = frame.current_course()
with frame.problems_in_words():
    with st.skeleton(height=420):
        cohort = api.cohort(course.course_id)
    frame.heading(course.fullname, cohort.as_of, f"The cohort of {course.shortname}")
    metrics(cohort)
    with frame.card("engagement"):
        engagement(cohort)
    with frame.card("quiet"):
        quiet(cohort, course.shortname)
    with frame.card("completion"):
        completion(cohort)
    with frame.card("quizzes"):
        quizzes(cohort)
    with frame.card("questions"):
        questions.show(cohort)
    tutoring.costs(course.course_id)
    with frame.card("downloads"):
        downloads(course.course_id, course.shortname)
