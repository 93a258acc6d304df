"""The plan's endpoints in memory."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from fastapi import FastAPI

from studium.wire import plan as wire

TODAY = datetime.now(UTC).date()


def expected(mean: float, low: float, high: float) -> wire.Expected:
    return wire.Expected(mean=mean, low=low, high=high)


def outlook(**changes: object) -> wire.Outlook:
    """Ten days, a hundred cards, and what 10, 20 or 45 minutes would come to."""
    days = [
        wire.PlanDay(
            day=TODAY + timedelta(days=number), new_cards=2, reviews=8, minutes=4, minutes_allowed=20, recall=0.9
        )
        for number in range(10)
    ]
    spans = {10: (0.7, 0.66, 0.75), 20: (0.88, 0.84, 0.92), 45: (0.93, 0.9, 0.96)}
    alternatives = [
        wire.Alternative(minutes_a_day=minutes, expected=expected(*span), unseen_cards=30 if minutes == 10 else 0,
                         minutes_a_day_used=minutes * 0.9)
        for minutes, span in spans.items()
    ]  # fmt: skip
    made = wire.Outlook(
        cards=100, new_cards=20, reviews_heard=1234, model="usual", today=expected(0.6, 0.55, 0.65),
        expected=expected(*spans[20]), unseen_cards=0, days=days, alternatives=alternatives,
    )  # fmt: skip
    return made.model_copy(update=changes)


@dataclass
class FakePlan:
    """What the API knows of plans."""

    exam: date | None = None
    minutes: int = 20
    outlook: wire.Outlook | None = None
    status: wire.PlanStatus = "no_exam"
    is_making: bool = False
    fit: wire.MemoryFit | None = None

    def told(self, course_id: str) -> wire.StudyPlan:
        return wire.StudyPlan(
            course_id=course_id, status=self.status, target_exam_date=self.exam, minutes_a_day=self.minutes,
            is_minutes_chosen=True, made_at=datetime.now(UTC) if self.outlook else None, is_making=self.is_making,
            outlook=self.outlook,
        )  # fmt: skip


def add_plan(app: FastAPI, known: FakePlan) -> None:
    """The endpoints."""
    path = "/api/v1/courses/{course_id}/plan"

    @app.get(path)
    def read(course_id: str) -> wire.StudyPlan:
        return known.told(course_id)

    @app.patch(path)
    def change(course_id: str, body: wire.PlanChange) -> wire.StudyPlan:
        known.exam, known.minutes = body.target_exam_date, body.minutes_a_day or known.minutes
        return known.told(course_id)

    @app.post(path)
    def refresh(course_id: str) -> wire.StudyPlan:
        known.is_making = True
        return known.told(course_id)

    @app.get(f"{path}/today")
    def today() -> wire.PlanToday:
        cards = [wire.TodaysCard(card_id=UUID(int=number), why="due" if number < 5 else "new") for number in range(7)]
        return wire.PlanToday(day=TODAY, cards=cards, minutes=4)

    @app.get("/api/v1/memory")
    def memory() -> wire.Memory:
        promoted = known.fit is not None and known.fit.verdict == "promoted"
        return wire.Memory(model="own" if promoted else "usual", last_fit=known.fit)
