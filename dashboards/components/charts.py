"""The charts: one drawing function a question, in one manner. They draw what the API says and compute no rule.

Colours come from the theme's `chart...Colors`; text inside a plot, which Streamlit does not colour, from `look`. Days
are handed to Vega as text: it would read a bare date as midnight in UTC and show the evening before.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import streamlit as st

from dashboards.components import look, words
from studium.wire.analytics import (
    ActivityDay,
    EngagementWeek,
    ModuleCompletion,
    ModuleProgress,
    QuizAttempt,
    QuizResult,
)

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTH_STARTS = "utcdate(toDate(datum.value)) <= 7 ? utcFormat(toDate(datum.value), '%b') : ''"
ROW_HEIGHT = 46
BAR = 8
END_WIDTH = 84

Drawing = Any
"""An Altair chart; Altair's own methods do not say what they return."""


def draw(chart: Drawing, says: str, height: int | None = None) -> None:
    """Show a chart in the shared manner; `says` tells it to those who do not see it."""
    if height is not None:
        chart = chart.properties(height=height)
    styled = (
        chart.configure(background="transparent")
        .configure_view(strokeOpacity=0)
        .configure_axis(domain=False, ticks=False, labelPadding=8, titlePadding=12, gridOpacity=0.6)
    )
    st.altair_chart(styled, alt=says)


def progress_steps(modules: Sequence[ModuleProgress], total: int, as_of: date, timezone: ZoneInfo) -> Drawing:
    """How many modules were complete by which day in `timezone`, against how many there are."""
    x = alt.X(
        "utcyearmonthdate(day):T", title=None, axis=alt.Axis(format="%-d %b", grid=False, tickCount=5, labelFlush=True)
    )
    y = alt.Y(
        "done:Q",
        title="Modules completed",
        stack=None,
        scale=alt.Scale(domain=[0, total]),
        axis=alt.Axis(tickMinStep=1, tickCount=5),
    )
    tooltip = [
        alt.Tooltip("utcyearmonthdate(day):T", title="Day", format="%-d %B"),
        alt.Tooltip("done:Q", title="Completed"),
        alt.Tooltip("names:N", title="Modules"),
    ]
    base = alt.Chart(_data(_steps(modules, as_of, timezone))).encode(x=x, y=y, tooltip=tooltip)
    area = base.mark_area(interpolate="step-after", opacity=0.14)
    line = base.mark_line(interpolate="step-after", strokeWidth=2.5)
    return area + line


def _steps(modules: Sequence[ModuleProgress], as_of: date, timezone: ZoneInfo) -> list[dict[str, Any]]:
    by_day: dict[date, list[str]] = {}
    for module in modules:
        if module.completed_at:
            by_day.setdefault(module.completed_at.astimezone(timezone).date(), []).append(module.name)
    first = min(by_day, default=as_of)
    rows: list[dict[str, Any]] = [{"day": (first - timedelta(days=1)).isoformat(), "done": 0, "names": "Start"}]
    for day, names in sorted(by_day.items()):
        rows.append({"day": day.isoformat(), "done": rows[-1]["done"] + len(names), "names": ", ".join(names)})
    if rows[-1]["day"] < as_of.isoformat():
        rows.append({"day": as_of.isoformat(), "done": rows[-1]["done"], "names": "Up to now"})
    return rows


def activity_heatmap(days: Sequence[ActivityDay], as_of: date) -> Drawing:
    """Minutes a day, a column a week, up to `as_of`."""
    by_day = {day.activity_date: day for day in days}
    first = min(by_day, default=as_of)
    first -= timedelta(days=first.weekday())
    rows = []
    for offset in range((as_of - first).days + 1):
        day = first + timedelta(days=offset)
        seen = by_day.get(day)
        rows.append(
            {
                "week": (day - timedelta(days=day.weekday())).isoformat(),
                "weekday": WEEKDAYS[day.weekday()],
                "day": words.day(day),
                "minutes": seen.active_minutes if seen else 0,
                "time": words.duration(seen.active_minutes if seen else 0),
                "sessions": seen.sessions if seen else 0,
            }
        )
    return (
        alt.Chart(_data(rows))
        .mark_rect(cornerRadius=3)
        .encode(
            x=alt.X(
                "week:O",
                title=None,
                scale=alt.Scale(paddingInner=0.14),
                axis=alt.Axis(labelExpr=MONTH_STARTS, labelAngle=0, labelOverlap=False, labelAlign="left"),
            ),
            y=alt.Y("weekday:O", title=None, sort=WEEKDAYS, scale=alt.Scale(paddingInner=0.14)),
            color=alt.Color("minutes:Q", legend=None, scale=alt.Scale(domainMin=0)),
            tooltip=[
                alt.Tooltip("day:N", title="Day"),
                alt.Tooltip("time:N", title="Active"),
                alt.Tooltip("sessions:Q", title="Sessions"),
            ],
        )
    )


def quiz_dots(attempts: Sequence[QuizAttempt]) -> Drawing:
    """Every finished attempt at its percentage, a row a quiz."""
    names = list(dict.fromkeys(attempt.module_name for attempt in attempts))
    rows = [
        {
            "row": names.index(attempt.module_name),
            "name": attempt.module_name,
            "pct": attempt.grade_pct,
            "attempt": f"Attempt {attempt.attempt_number}",
            "grade": words.grade(attempt.grade, attempt.grade_max),
            "day": words.day(attempt.finished_at),
        }
        for attempt in attempts
        if attempt.grade_pct is not None
    ]
    tooltip = [
        alt.Tooltip("name:N", title="Quiz"),
        alt.Tooltip("attempt:N", title="Attempt"),
        alt.Tooltip("grade:N", title="Grade"),
        alt.Tooltip("day:N", title="Finished"),
    ]
    base = _rows(rows)
    dots = base.mark_circle(size=150, opacity=0.9).encode(x=_percent_axis("pct", "Result, %"), tooltip=tooltip)
    return _labels(rows) + _track(base) + dots


def weekly_engagement(weeks: Sequence[EngagementWeek]) -> Drawing:
    """Learners seen each week, and how many are enrolled."""
    rows = [
        {
            "start": week.week_start.isoformat(),
            "week": words.week(week.week_start),
            "active": week.learners_active,
            "enrolled": week.learners_enrolled,
            "time": words.duration(week.active_minutes),
            "completions": words.NOTHING if week.completions is None else f"{week.completions:,}",
        }
        for week in weeks
    ]
    label = "utcFormat(toDate(datum.value), '%-d %b')"
    x = alt.X("start:O", title=None, axis=alt.Axis(labelExpr=label, labelAngle=0, labelOverlap=True))
    tooltip = [
        alt.Tooltip("week:N", title="Week"),
        alt.Tooltip("active:Q", title="Learners seen"),
        alt.Tooltip("enrolled:Q", title="Enrolled"),
        alt.Tooltip("time:N", title="Time together"),
        alt.Tooltip("completions:N", title="Completions"),
    ]
    base = alt.Chart(_data(rows)).encode(x=x, tooltip=tooltip)
    bars = base.mark_bar(cornerRadiusTopLeft=4, cornerRadiusTopRight=4).encode(
        y=alt.Y("active:Q", title="Learners seen", axis=alt.Axis(tickMinStep=1, tickCount=5))
    )
    enrolled = base.mark_line(strokeDash=[4, 4], opacity=0.55, color="gray").encode(y="enrolled:Q")
    return enrolled + bars


def module_completion(modules: Sequence[ModuleCompletion]) -> Drawing:
    """What share of the learners completed each module, in the course's order."""
    rows = [
        {
            "row": number,
            "name": module.name,
            "section": module.section_name or words.NOTHING,
            "pct": module.completed_pct or 0,
            "people": f"{module.completed} of {module.learners}",
            "end": words.percent(module.completed_pct),
        }
        for number, module in enumerate(modules)
    ]
    tooltip = [
        alt.Tooltip("name:N", title="Module"),
        alt.Tooltip("section:N", title="Section"),
        alt.Tooltip("people:N", title="Completed by"),
    ]
    base = _rows(rows).encode(tooltip=tooltip)
    bars = base.mark_bar(height=BAR, cornerRadius=BAR / 2).encode(x=_percent_axis("pct", "Completed, % of learners"))
    return _labels(rows) + _track(base) + bars


def quiz_ranges(quizzes: Sequence[QuizResult]) -> Drawing:
    """Lowest to highest best result of each quiz, with the median marked."""
    rows = [
        {
            "row": number,
            "name": quiz.name,
            "low": quiz.lowest_pct,
            "high": quiz.highest_pct,
            "median": quiz.median_pct,
            "mean": words.percent(quiz.mean_pct),
            "learners": quiz.learners,
            "end": words.count(quiz.learners, "learner"),
        }
        for number, quiz in enumerate(quiz for quiz in quizzes if quiz.median_pct is not None)
    ]
    tooltip = [
        alt.Tooltip("name:N", title="Quiz"),
        alt.Tooltip("median:Q", title="Median, %", format=".0f"),
        alt.Tooltip("mean:N", title="Mean"),
        alt.Tooltip("low:Q", title="Lowest, %", format=".0f"),
        alt.Tooltip("high:Q", title="Highest, %", format=".0f"),
        alt.Tooltip("learners:Q", title="Learners"),
    ]
    base = _rows(rows).encode(tooltip=tooltip)
    span = base.mark_bar(height=BAR, cornerRadius=BAR / 2, opacity=0.4).encode(
        x=_percent_axis("low", "Best result of each learner, %"), x2="high:Q"
    )
    median = base.mark_circle(size=150, opacity=1).encode(x="median:Q")
    return _labels(rows) + _track(base) + span + median


def _rows(rows: list[dict[str, Any]]) -> Drawing:
    return alt.Chart(_data(rows), height=alt.Step(ROW_HEIGHT)).encode(y=alt.Y("row:O", axis=None))


def _labels(rows: list[dict[str, Any]]) -> Drawing:
    """Names above the rows: a column of names would leave a phone no room for the marks."""
    text = look.COLOURS[look.theme()]["text"]
    once = list({row["row"]: row for row in rows}.values())
    base = alt.Chart(_data(once)).encode(y=alt.Y("row:O", axis=None))
    room = alt.ExprRef(expr=f"width - {END_WIDTH}")
    names = base.mark_text(align="left", dy=-15, fontSize=13, color=text, limit=room).encode(
        x=alt.value(0), text="name:N"
    )
    if not rows or "end" not in rows[0]:
        return names
    return names + base.mark_text(align="right", dy=-15, fontSize=13, color=text).encode(
        x=alt.value("width"), text="end:N"
    )


def _track(base: Drawing) -> Drawing:
    track = look.COLOURS[look.theme()]["track"]
    return base.mark_bar(height=BAR, cornerRadius=BAR / 2, color=track).encode(x=alt.datum(0), x2=alt.datum(100))


def _percent_axis(field: str, title: str) -> alt.X:
    axis = alt.Axis(tickCount=5, grid=False)
    return alt.X(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 100]), axis=axis, stack=None)


def _data(rows: list[dict[str, Any]]) -> Any:
    return alt.InlineData(values=rows)
