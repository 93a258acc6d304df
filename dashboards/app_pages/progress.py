"""What do I know, how sure is that, and when did I study?"""

import streamlit as st

from dashboards import api
from dashboards.components import charts, frame, mastery_map, standing, study_charts, words
from studium.wire.mastery import StudyDays
from studium.wire.practice import Calibration


def studied(days: StudyDays) -> None:
    """Days of study, as a map."""
    frame.card_title(
        "Days you studied here", "Cards and questions a day, one column a week; the stronger the colour, the more."
    )
    if not days.days:
        frame.empty("calendar_month", "No day yet", "The first card you review or question you answer starts this map.")
        return
    cards, questions = sum(day.cards for day in days.days), sum(day.questions for day in days.days)
    done = f"{words.count(cards, 'card')} and {words.count(questions, 'question')}"
    says = f"{done} on {words.count(len(days.days), 'day')} of the last half year."
    charts.draw(study_charts.heatmap(days.days, days.today), says, height=190)
    st.caption(says)


def coming(days: StudyDays) -> None:
    """Cards that come back."""
    frame.card_title("Cards that come back", "By your own days; what is overdue counts today. Later reviews add to it.")
    total = sum(day.cards for day in days.due)
    if not total:
        waiting = f"{words.count(days.new_cards, 'card')} not begun yet." if days.new_cards else ""
        frame.empty(
            "style", "No card is on its way", f"{waiting} Cards appear here once you have reviewed them.".strip()
        )
        return
    busiest = max(days.due, key=lambda day: day.cards)
    says = f"{words.count(total, 'card')} in 30 days, most on {words.day(busiest.day)} ({busiest.cards})."
    charts.draw(study_charts.forecast(days.due), says, height=230)
    later = f" {words.count(days.later, 'card')} later." if days.later else ""
    st.caption(f"{says}{later} {words.count(days.new_cards, 'card')} not begun yet.")


def sure(calibration: Calibration) -> None:
    """Confidence beside correctness."""
    frame.card_title(
        "Are you as right as you are sure?",
        "Dots: how often you were right, with the range that lies in (95 %). Ticks: what you said before you knew.",
    )
    if not calibration.answers:
        frame.empty("psychology_alt", "Nothing to compare yet", calibration.verdict)
        return
    charts.draw(study_charts.confidence(calibration.steps), calibration.verdict, height=230)
    st.caption(f"{calibration.verdict} From {words.count(calibration.answers, 'answer')}.")


course = frame.current_course()
with frame.problems_in_words():
    frame.heading("Progress", course.as_of, "What you know, by which evidence; only you see this page")
    timezone = words.zone(api.me().timezone)
    learning = api.learning(course.course_id)
    with st.skeleton(height=420):
        mastery = learning.mastery()
        days = learning.study_days()
        calibration = api.practice(course.course_id).calibration()
        earned = api.motivation()
    with frame.card("mastery"):
        mastery_map.show(course.course_id, mastery, timezone)
    with frame.card("studied"):
        studied(days)
    with frame.card("coming"):
        coming(days)
    with frame.card("sure"):
        sure(calibration)
    left, right = st.columns(2, gap="small")
    with left:
        standing.streak_card(earned)
        standing.badges_card(earned.badges)
    with right:
        standing.goals_card(earned)
        standing.earned_card(earned)
