"""The parts of the plan: choosing the exam, what is expected of it, its days, and how memory was fitted."""

from datetime import date, timedelta

import streamlit as st

from dashboards import api
from dashboards.components import charts, frame, plan_charts, words
from studium.wire.plan import FARTHEST, Alternative, Expected, Memory, Outlook, PlanToday, StudyPlan

SURE = "Of ten such ranges nine hold."
WIDE = 0.1


def between(expected: Expected) -> str:
    """`86 to 93 %`."""
    low, high = round(100 * expected.low), round(100 * expected.high)
    return f"{low} %" if low == high else f"{low} to {high} %"


def choosing(plan: StudyPlan, today: date) -> None:
    """When the exam is and how much time there is."""
    frame.card_title("Your exam", "The plan spreads your cards over the days until then.")
    with st.form("plan-exam", border=False):
        left, right = st.columns(2)
        day = left.date_input(
            "Day of the exam",
            value=plan.target_exam_date,
            min_value=min(today + timedelta(days=1), plan.target_exam_date or today + timedelta(days=1)),
            max_value=today + timedelta(days=FARTHEST),
            format="DD/MM/YYYY",
            key="plan-day",
        )
        minutes = right.number_input("Minutes a day", 1, 600, plan.minutes_a_day, step=5, key="plan-minutes")
        if st.form_submit_button("Plan it", type="primary"):
            api.plans(plan.course_id).choose(day if isinstance(day, date) else None, int(minutes))
            st.rerun()


def promised(plan: StudyPlan, outlook: Outlook) -> None:
    """What will be known on the day, and how sure that is."""
    frame.card_title(f"What you will know on {words.day(plan.target_exam_date)}")
    left, right = st.columns(2)
    left.metric("If you follow the plan", between(outlook.expected), help=f"Share of all your cards here. {SURE}")
    right.metric("If the exam were today", between(outlook.today), help=SURE)
    st.caption(" ".join(_grounds(outlook)))


def _grounds(outlook: Outlook) -> list[str]:
    heard, unseen = outlook.reviews_heard, round(outlook.unseen_cards)
    if heard:
        cards = words.count(outlook.cards, "card")
        grounds = [f"A simulation of your {cards}, corrected by how {heard:,} of your own reviews went."]
    else:
        grounds = ["You have too few reviews for this to be about you yet: it is what is usual, so the range is wide."]
    if heard and outlook.expected.high - outlook.expected.low > WIDE:
        grounds.append("They do not tell enough for a range of ten points.")
    if unseen:
        grounds.append(f"{words.count(unseen, 'card')} would never be met, and count as not known.")
    return grounds


def changing(plan: StudyPlan, outlook: Outlook) -> None:
    """What other minutes a day would come to."""
    frame.card_title(
        "If you took more time, or less", "Each choice was simulated; the bars say where the share would lie."
    )
    by_minutes = {one.minutes_a_day: one for one in outlook.alternatives}
    now = plan.minutes_a_day if plan.minutes_a_day in by_minutes else min(by_minutes)
    picked = st.select_slider("Minutes a day", sorted(by_minutes), value=now, key="plan-slider")
    other, chosen = by_minutes[picked], by_minutes[now]
    st.markdown(_difference(other, chosen))
    says = "; ".join(f"{one.minutes_a_day} minutes: {between(one.expected)}" for one in outlook.alternatives)
    charts.draw(plan_charts.minutes(outlook.alternatives, picked), says, height=220)
    if picked != plan.minutes_a_day and st.button(f"Take {picked} minutes a day", key="plan-take"):
        api.plans(plan.course_id).choose(plan.target_exam_date, picked)
        st.rerun()


def _difference(other: Alternative, chosen: Alternative) -> str:
    said = f"**{other.minutes_a_day} minutes a day: {between(other.expected)}** of your cards on the day"
    used = other.minutes_a_day_used
    if other.unseen_cards >= 1:
        said += f"; {words.count(round(other.unseen_cards), 'card')} would never be met"
    elif used < 0.7 * other.minutes_a_day:
        said += f"; you would need only about {words.duration(used)} of them on most days"
    points = round(100 * (other.expected.mean - chosen.expected.mean))
    if other is chosen:
        return f"{said}. This is your plan."
    if not points:
        return f"{said}. That is no difference one could tell from your {chosen.minutes_a_day}."
    way = "more" if points > 0 else "fewer"
    return f"{said}. About {words.count(abs(points), 'point')} {way} than with your {chosen.minutes_a_day}."


def days(plan: StudyPlan, outlook: Outlook) -> None:
    """The days to the exam."""
    left = len(outlook.days)
    frame.card_title(f"{words.count(left, 'day')} to go", "Cards a day; the stronger the colour, the more.")
    total = sum(one.new_cards + one.reviews for one in outlook.days)
    busiest = max(outlook.days, key=lambda one: one.minutes)
    says = (
        f"About {round(total):,} answers in {words.count(left, 'day')}, most on {words.day(busiest.day)}: "
        f"{words.duration(busiest.minutes)}."
    )
    exam = plan.target_exam_date or outlook.days[-1].day
    charts.draw(plan_charts.calendar(outlook.days, exam), says, height=250)
    st.caption(
        f"{says} New cards stop three days before the exam; in the last week, minutes to spare go to cards "
        "that would be forgotten."
    )
    with st.expander("Day by day"):
        rows = [
            {
                "Day": one.day,
                "New": round(one.new_cards),
                "Reviews": round(one.reviews),
                "Minutes": round(one.minutes),
                "Known then, %": round(100 * one.recall),
            }
            for one in outlook.days
        ]
        st.dataframe(rows, hide_index=True, column_config={"Day": st.column_config.DateColumn(format="ddd D MMM")})


def today(found: PlanToday) -> None:
    """The cards of today."""
    frame.card_title("Today")
    if not found.cards:
        frame.empty("done_all", "Nothing more today", "The plan's cards of today are done, or your minutes are.")
        return
    counts = {why: sum(card.why == why for card in found.cards) for why in ("due", "new", "early")}
    named = {"due": "due", "new": "new", "early": "looked at early, so that they last to the exam"}
    parts = [f"{counts[why]} {named[why]}" for why in counts if counts[why]]
    st.markdown(
        f"**{words.count(len(found.cards), 'card')}**, about {words.duration(found.minutes)}: {', '.join(parts)}."
    )
    st.page_link("app_pages/smart_study.py", label="Answer them in Smart Study", icon=":material/style:")


def memory(found: Memory) -> None:
    """How one's memory was fitted."""
    frame.card_title(
        "How well your memory is known", "When cards come back is worked out by FSRS, a model of forgetting."
    )
    fit = found.last_fit
    own = "It uses parameters fitted to you." if found.model == "own" else "It uses its usual parameters."
    if fit is None:
        st.markdown(f"{own} It is fitted to you at night, once you have enough reviews.")
        return
    if fit.before is None or fit.after is None or fit.gain is None:
        st.markdown(f"{own} To fit it to you takes {fit.needed} reviews on later days; you have {fit.tested}.")
        return
    verdict = (
        "A fit to your earlier reviews foretold your later ones better, and is in use."
        if fit.verdict == "promoted"
        else "A fit to your earlier reviews foretold your later ones no better, and is not used."
    )
    st.markdown(f"{own} {verdict}")
    left, right = st.columns(2)
    left.metric("Log-loss before", f"{fit.before.log_loss:.3f}", help="How far expectations were off; 0 is perfect.")
    right.metric("Log-loss of the fit", f"{fit.after.log_loss:.3f}", f"{-fit.gain.mean:+.3f}", delta_color="inverse")
    st.caption(
        f"On {fit.after.reviews:,} later reviews that the fit had not seen. The difference lies between "
        f"{fit.gain.low:+.3f} and {fit.gain.high:+.3f}, nineteen times in twenty; below 0 the usual ones were better."
    )
    shown = fit.after if fit.verdict == "promoted" else fit.before
    says = "; ".join(
        f"expected {100 * one.expected:.0f} %, known {100 * one.recalled:.0f} %" for one in shown.calibration
    )
    charts.draw(plan_charts.calibration(shown.calibration), says, height=240)
