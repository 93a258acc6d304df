"""The typed client's calls for the plan to an exam, and for how one's memory was fitted."""

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from studium.clients.calling import Calls
from studium.wire.plan import Memory, PlanChange, PlanToday, StudyPlan

if TYPE_CHECKING:
    from studium.client import Client


class Plans(Calls):
    """The way to the exam of a course, as `Client.plans(course_id)`."""

    def __init__(self, client: "Client", course_id: str) -> None:
        super().__init__(client)
        self._path = f"/courses/{quote(course_id, safe=':')}/plan"

    def read(self) -> StudyPlan:
        """The plan as last worked out, or why there is none."""
        return self._get(StudyPlan, self._path)

    def choose(self, target_exam_date: date | None, minutes_a_day: int) -> StudyPlan:
        """Say when the exam is and how much time there is each day."""
        body = PlanChange(target_exam_date=target_exam_date, minutes_a_day=minutes_a_day)
        return self._send(StudyPlan, "PATCH", self._path, body)

    def refresh(self) -> StudyPlan:
        """Have it worked out anew."""
        return self._send(StudyPlan, "POST", self._path)

    def today(self) -> PlanToday:
        """The cards of today."""
        return self._get(PlanToday, f"{self._path}/today")

    def memory(self) -> Memory:
        """How one's memory was fitted."""
        return self._get(Memory, "/memory")
