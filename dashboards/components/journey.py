"""A learner's way through a course, drawn: for the learner's own dashboard, and for an instructor who looks at one."""

from datetime import date
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards.components import charts, words
from dashboards.components.frame import card, card_title, empty
from studium.wire.analytics import ModuleProgress, Progress

NEXT_SHOWN = 5


def show(progress: Progress, timezone: ZoneInfo) -> None:
    """The whole picture of `progress`."""
    metrics(progress)
    if progress.as_of is None:
        empty(
            "monitoring", "Nothing recorded yet", "Numbers appear here once the course's backup and logs are imported."
        )
        return
    as_of = progress.as_of.astimezone(timezone).date()
    left, right = st.columns([3, 2], gap="small")
    with left, card("progress", stretch=True):
        progress_card(progress, as_of, timezone)
    with right, card("next", stretch=True):
        next_card(progress, timezone)
    with card("heat"):
        activity_card(progress, as_of)
    with card("quizzes"):
        quiz_card(progress)


def metrics(progress: Progress) -> None:
    """The four numbers."""
    with st.grid(4, min_column_width=150):
        share = f"{words.percent(progress.completion_pct)} of the course" if progress.modules_total else None
        done = f"{progress.modules_completed} of {progress.modules_total}"
        st.metric("Modules completed", done, share, delta_color="off", delta_arrow="off", border=True)
        st.metric(
            "Grade so far",
            words.percent(progress.grade_pct),
            "Graded work only",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        days = f"on {words.count(progress.active_days, 'day')}"
        st.metric(
            "Time in the course",
            words.duration(progress.active_minutes),
            days,
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        last = words.short_day(progress.last_active_date)
        st.metric("Last active", last, "by the course's logs", delta_color="off", delta_arrow="off", border=True)


def progress_card(progress: Progress, as_of: date, timezone: ZoneInfo) -> None:
    """Completion over time."""
    card_title("Progress")
    if not any(module.completed_at for module in progress.modules):
        empty("monitoring", "No module completed yet", "The first one you complete in Moodle starts this line.")
        return
    chart = charts.progress_steps(progress.modules, progress.modules_total, as_of, timezone)
    says = (
        f"Modules completed over time: {progress.modules_completed} of {progress.modules_total} by {words.day(as_of)}."
    )
    charts.draw(chart, says, height=330)


def next_card(progress: Progress, timezone: ZoneInfo) -> None:
    """The step to take now, and what stays open after it."""
    card_title("Next in Moodle")
    left = progress.modules_total - progress.modules_completed
    step = progress.next_module
    if step is None:
        _nothing_next(progress.modules_total, left)
        return
    st.html(f'<p class="studium-where"><b>{escape(step.name)}</b><br>{_place(step, timezone)}</p>')
    if step.url:
        st.link_button("Open in Moodle", step.url, type="primary", icon=":material/open_in_new:")
    proposed = sorted((module for module in progress.modules if module.next_place), key=_next_place)
    later = [module for module in proposed if module.module_id != step.module_id]
    if later:
        rows = "".join(_row(module, timezone) for module in later[:NEXT_SHOWN])
        st.html(f'<ul class="studium-rows">{rows}</ul>')
    shut = left - len(proposed)
    notes = [f"and {len(later) - NEXT_SHOWN} more"] if len(later) > NEXT_SHOWN else []
    notes += [f"{words.count(shut, 'module')} closed or not open yet"] if shut > 0 else []
    if notes:
        st.caption(" · ".join(notes))


def _nothing_next(total: int, left: int) -> None:
    """Why there is no next step."""
    if not total:
        empty("monitoring", "Nothing counts for completion", "Completion is set per activity in Moodle.")
    elif left:
        closed = f"{words.count(left, 'module')} left, closed or not open yet."
        empty("hourglass_empty", "Nothing to do right now", closed)
    else:
        empty("emoji_events", "All done", "Every module that counts is complete.")


def activity_card(progress: Progress, as_of: date) -> None:
    """Activity by day."""
    card_title("Activity", "Minutes a day in the course, one column a week; the stronger the colour, the more.")
    if not progress.days:
        empty("monitoring", "No activity recorded", "Days appear here once the course's logs are imported.")
        return
    says = f"Activity by day: {words.duration(progress.active_minutes)} on {words.count(progress.active_days, 'day')}."
    charts.draw(charts.activity_heatmap(progress.days, as_of), says, height=190)


def quiz_card(progress: Progress) -> None:
    """Every finished quiz attempt."""
    card_title("Quizzes", "One dot for each finished attempt.")
    finished = [attempt for attempt in progress.quiz_attempts if attempt.grade_pct is not None]
    if not finished:
        empty("monitoring", "No quiz finished yet", "Results appear here after the first finished attempt.")
        return
    says = f"Results of {words.count(len(finished), 'finished quiz attempt')}"
    charts.draw(charts.quiz_dots(finished), says)


def _next_place(module: ModuleProgress) -> int:
    return module.next_place or 0


def _place(module: ModuleProgress, timezone: ZoneInfo) -> str:
    """Where a module stands and by when it is due, as HTML."""
    parts = [escape(module.section_name)] if module.section_name else []
    if module.due_at:
        due = f"due {words.short_day(module.due_at, timezone)}"
        parts.append(f'<span class="overdue">overdue, was {due}</span>' if module.is_overdue else due)
    return " · ".join(parts)


def _row(module: ModuleProgress, timezone: ZoneInfo) -> str:
    name = escape(module.name)
    if module.url:
        name = f'<a href="{escape(module.url, quote=True)}" target="_blank" rel="noopener">{name}</a>'
    return f'<li><span class="grow">{name}<span class="small">{_place(module, timezone)}</span></span></li>'
