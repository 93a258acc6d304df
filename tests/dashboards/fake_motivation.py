"""What one learner has earned, kept in memory."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from fastapi import FastAPI

from studium.motivation.badges import BADGES
from studium.motivation.standing import GoalKind
from studium.wire import motivation as wire
from tests.dashboards.examples import AS_OF


@dataclass
class FakeMotivation:
    """What the API knows of somebody's points."""

    is_new: bool = False
    timezone: str = "Europe/Zagreb"
    goals: dict[GoalKind, int | None] = field(default_factory=lambda: {"daily_xp": 30, "weekly_days": None})

    def now(self) -> wire.Motivation:
        """Where the learner stands."""
        xp, today = (0, 0) if self.is_new else (86, 12)
        reasons: list[wire.Reason] = [] if self.is_new else ["review", "again", "question"]
        return wire.Motivation(
            timezone=self.timezone, today=AS_OF.date(), xp=xp, today_xp=today, most_a_day=200,
            level=wire.LevelReached(number=1 + (xp > 49), begins_at=50 * (xp > 49), next_at=150 if xp > 49 else 50),
            streak=wire.Streak(
                days=0 if self.is_new else 4, best=0 if self.is_new else 9, counts_today=not self.is_new,
                freezes=1, most_freezes=2, freeze_every=7,
            ),
            goals=[
                wire.Goal(kind=kind, target=target, done=today if kind == "daily_xp" else 3)
                for kind, target in self.goals.items()
            ],
            badges=[
                wire.BadgeMark(
                    name=badge.name, title=badge.title, what=badge.what, least=badge.least,
                    done=0 if self.is_new else 1,
                    awarded_at=AS_OF if badge.least == 1 and not self.is_new else None,
                )
                for badge in BADGES
            ],
            days=[] if self.is_new else [
                wire.DayClosed(day=AS_OF.date() - timedelta(days=1), xp=24, acts=15, outcome="counted", streak=3,
                               goal_met=False),
                wire.DayClosed(day=AS_OF.date() - timedelta(days=2), xp=0, acts=0, outcome="frozen", streak=2,
                               goal_met=False),
            ],
            earned=[
                wire.Earned(
                    event_id=UUID(int=number), happened_at=AS_OF, object_type="flashcard", course_id=None,
                    xp=2 if reason != "again" else 0, reason=reason,
                )
                for number, reason in enumerate(reasons)
            ],
        )  # fmt: skip


def add_motivation(app: FastAPI, known: FakeMotivation) -> None:
    """The calls for it."""

    @app.get("/api/v1/motivation")
    def motivation() -> wire.Motivation:
        return known.now()

    @app.put("/api/v1/motivation/goals")
    def set_goal(choice: wire.GoalChoice) -> wire.Motivation:
        known.goals[choice.kind] = choice.target
        return known.now()

    @app.put("/api/v1/motivation/timezone")
    def set_timezone(choice: wire.ZoneChoice) -> wire.Motivation:
        known.timezone = choice.timezone
        return known.now()
