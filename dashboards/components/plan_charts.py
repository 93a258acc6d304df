"""The way to an exam in charts: a calendar of days, what other minutes would change, and how expectations came true."""

from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt

from dashboards.components import charts, look, words
from studium.wire.plan import Alternative, Bin, PlanDay


def calendar(days: Sequence[PlanDay], exam: date) -> charts.Drawing:
    """Cards a day up to the exam, a column a week."""
    rows = [
        {
            "week": (one.day - timedelta(days=one.day.weekday())).isoformat(),
            "weekday": charts.WEEKDAYS[one.day.weekday()],
            "day": words.day(one.day),
            "cards": round(one.new_cards + one.reviews),
            "new": round(one.new_cards),
            "time": words.duration(one.minutes),
            "recall": round(100 * one.recall),
            "label": str(round(one.new_cards + one.reviews) or ""),
        }
        for one in days
    ]
    axis = alt.Axis(labelExpr="utcFormat(toDate(datum.value), '%-d %b')", labelAngle=0, labelOverlap=True)
    x = alt.X("week:O", title="Week of", scale=alt.Scale(paddingInner=0.08), axis=axis)
    y = alt.Y("weekday:O", title=None, sort=charts.WEEKDAYS, scale=alt.Scale(paddingInner=0.08))
    tooltip = [
        alt.Tooltip("day:N", title="Day"),
        alt.Tooltip("cards:Q", title="Cards"),
        alt.Tooltip("new:Q", title="Of them new"),
        alt.Tooltip("time:N", title="Takes"),
        alt.Tooltip("recall:Q", title="Then known of those met, %"),
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    cells = base.mark_rect(cornerRadius=3).encode(
        color=alt.Color("cards:Q", legend=None, scale=alt.Scale(domainMin=0)), tooltip=tooltip
    )
    most = max((round(one.new_cards + one.reviews) for one in days), default=0)
    text = look.COLOURS[look.theme()]["text"]
    numbers = base.transform_filter(f"datum.cards <= {most / 2}").mark_text(fontSize=11, color=text)
    last = {
        "week": (exam - timedelta(days=exam.weekday())).isoformat(),
        "weekday": charts.WEEKDAYS[exam.weekday()],
        "label": "Exam",
    }
    flag = alt.Chart(alt.InlineData(values=[last])).mark_text(fontSize=11, fontWeight="bold", color=text)
    return cells + numbers.encode(text="label:N") + flag.encode(x=x, y=y, text="label:N")


def minutes(alternatives: Sequence[Alternative], chosen: int) -> charts.Drawing:
    """What share would be known on the day, with its range, by minutes a day."""
    rows = [
        {
            "minutes": f"{one.minutes_a_day} min",
            "mean": 100 * one.expected.mean,
            "low": 100 * one.expected.low,
            "high": 100 * one.expected.high,
            "unseen": round(one.unseen_cards),
            "used": words.duration(one.minutes_a_day_used),
            "picked": one.minutes_a_day == chosen,
        }
        for one in alternatives
    ]
    tooltip = [
        alt.Tooltip("minutes:N", title="A day"),
        alt.Tooltip("mean:Q", title="Known, %", format=".0f"),
        alt.Tooltip("low:Q", title="At least, %", format=".0f"),
        alt.Tooltip("high:Q", title="At most, %", format=".0f"),
        alt.Tooltip("unseen:Q", title="Never met"),
        alt.Tooltip("used:N", title="Needed a day"),
    ]
    order = [f"{one.minutes_a_day} min" for one in alternatives]
    x = alt.X("minutes:N", title=None, sort=order, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    opacity = alt.condition(alt.datum.picked, alt.value(1.0), alt.value(0.45))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, tooltip=tooltip, opacity=opacity)
    y = alt.Y("low:Q", title="Known on the day, %", scale=alt.Scale(domain=[0, 100]))
    spans = base.mark_bar(size=12, cornerRadius=6).encode(y=y, y2="high:Q")
    return spans + base.mark_tick(thickness=3, size=22).encode(y="mean:Q")


def calibration(bins: Sequence[Bin]) -> charts.Drawing:
    """How often cards were known, by how often that was expected; on the line, both are the same."""
    rows = [{"expected": 100 * one.expected, "known": 100 * one.recalled, "reviews": one.reviews} for one in bins]
    scale = alt.Scale(domain=[0, 100])
    tooltip = [
        alt.Tooltip("expected:Q", title="Expected, %", format=".0f"),
        alt.Tooltip("known:Q", title="Known, %", format=".0f"),
        alt.Tooltip("reviews:Q", title="Reviews"),
    ]
    x = alt.X("expected:Q", title="Expected to be known, %", scale=scale)
    y = alt.Y("known:Q", title="Known, %", scale=scale)
    ends = alt.Chart(alt.InlineData(values=[{"expected": 0, "known": 0}, {"expected": 100, "known": 100}]))
    line = ends.mark_line(strokeDash=[4, 4], opacity=0.5, color="gray").encode(x=x, y=y)
    return line + alt.Chart(alt.InlineData(values=rows)).mark_circle(size=110, opacity=0.9).encode(
        x=x, y=y, tooltip=tooltip
    )
