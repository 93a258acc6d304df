"""When one studied here, when cards come back, and whether one is as sure as one is right: three charts."""

from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt

from dashboards.components import charts, look, words
from studium.wire.mastery import DueDay, StudyDay
from studium.wire.practice import ConfidenceStep

HEAT_WEEKS = 18
SURE = {1: "Guessing", 2: "Unsure", 3: "Fairly sure", 4: "Sure"}


def heatmap(days: Sequence[StudyDay], today: date) -> charts.Drawing:
    """Cards and questions a day, a column a week."""
    by_day = {day.day: day for day in days}
    first = today - timedelta(weeks=HEAT_WEEKS - 1, days=today.weekday())
    rows = []
    for offset in range((today - first).days + 1):
        day = first + timedelta(days=offset)
        seen = by_day.get(day)
        rows.append(
            {
                "week": (day - timedelta(days=day.weekday())).isoformat(),
                "weekday": charts.WEEKDAYS[day.weekday()],
                "day": words.day(day),
                "cards": seen.cards if seen else 0,
                "questions": seen.questions if seen else 0,
                "answers": seen.cards + seen.questions if seen else 0,
                "time": words.duration(seen.minutes if seen else 0),
            }
        )
    tooltip = [
        alt.Tooltip("day:N", title="Day"),
        alt.Tooltip("cards:Q", title="Cards"),
        alt.Tooltip("questions:Q", title="Questions"),
        alt.Tooltip("time:N", title="In sessions"),
    ]
    axis = alt.Axis(labelExpr=charts.MONTH_STARTS, labelAngle=0, labelOverlap=False, labelAlign="left")
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(cornerRadius=3)
        .encode(
            x=alt.X("week:O", title=None, scale=alt.Scale(paddingInner=0.14), axis=axis),
            y=alt.Y("weekday:O", title=None, sort=charts.WEEKDAYS, scale=alt.Scale(paddingInner=0.14)),
            color=alt.Color("answers:Q", legend=None, scale=alt.Scale(domainMin=0)),
            tooltip=tooltip,
        )
    )


def forecast(days: Sequence[DueDay]) -> charts.Drawing:
    """Cards that come back, a bar a day."""
    rows = [{"day": one.day.isoformat(), "named": words.day(one.day), "cards": one.cards} for one in days]
    label = "utcFormat(toDate(datum.value), '%-d %b')"
    x = alt.X("day:O", title=None, axis=alt.Axis(labelExpr=label, labelAngle=0, labelOverlap=True))
    y = alt.Y("cards:Q", title="Cards due", axis=alt.Axis(tickMinStep=1, tickCount=5))
    tooltip = [alt.Tooltip("named:N", title="Day"), alt.Tooltip("cards:Q", title="Cards")]
    bars = alt.Chart(alt.InlineData(values=rows)).mark_bar(cornerRadiusTopLeft=4, cornerRadiusTopRight=4)
    return bars.encode(x=x, y=y, tooltip=tooltip)


def confidence(steps: Sequence[ConfidenceStep]) -> charts.Drawing:
    """How often one was right, by how sure one said to be, with the range that lies in, and what was said as a tick."""
    rows = [
        {
            "sure": SURE[step.confidence_level],
            "claimed": 100 * step.claimed,
            "right": 100 * (step.right or 0),
            "low": 100 * (step.low or 0),
            "high": 100 * (step.high or 0),
            "answers": step.answers,
        }
        for step in steps
        if step.answers
    ]
    x = alt.X("sure:N", title="You said", sort=list(SURE.values()), axis=alt.Axis(labelAngle=0))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x)
    tooltip = [
        alt.Tooltip("sure:N", title="You said"),
        alt.Tooltip("claimed:Q", title="That is, %", format=".0f"),
        alt.Tooltip("right:Q", title="Right, %", format=".0f"),
        alt.Tooltip("low:Q", title="At least, %", format=".0f"),
        alt.Tooltip("high:Q", title="At most, %", format=".0f"),
        alt.Tooltip("answers:Q", title="Answers"),
    ]
    y = alt.Y("low:Q", title="Right, %", scale=alt.Scale(domain=[0, 100]))
    claimed = base.mark_tick(thickness=3, size=34, color=look.COLOURS[look.theme()]["late"]).encode(y="claimed:Q")
    span = base.mark_rule(strokeWidth=8, opacity=0.35, color=look.COLOURS[look.theme()]["accent"]).encode(
        y=y, y2="high:Q"
    )
    dots = base.mark_circle(size=150, opacity=1).encode(y="right:Q", tooltip=tooltip)
    return claimed + span + dots
