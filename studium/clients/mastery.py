"""The typed client's calls for what one knows of a course, and what to do next."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from studium.clients.calling import Calls
from studium.wire.base import Page
from studium.wire.mastery import ContestEvidence, Evidence, Mastery, NextSteps, StudyDays

if TYPE_CHECKING:
    from studium.client import Client


class Learning(Calls):
    """What one knows, as `Client.learning(course_id)`."""

    def __init__(self, client: "Client", course_id: str) -> None:
        super().__init__(client)
        self._path = f"/courses/{quote(course_id, safe=':')}"

    def mastery(self) -> Mastery:
        """How well one knows each topic, and how sure that is."""
        return self._get(Mastery, f"{self._path}/mastery")

    def evidence(self, topic_id: str | None = None, *, after: str | None = None, limit: int = 50) -> Page[Evidence]:
        """What tells it, the newest first."""
        path = f"{self._path}/mastery/evidence"
        return self._get(Page[Evidence], path, topic_id=topic_id, after=after, limit=limit)

    def contest(self, evidence_id: str, said: ContestEvidence) -> Mastery:
        """Have a piece of evidence count for nothing."""
        return self._send(Mastery, "PUT", f"{self._path}/mastery/evidence/{quote(evidence_id)}/contest", said)

    def accept(self, evidence_id: str) -> Mastery:
        """Have it count again."""
        return self._send(Mastery, "DELETE", f"{self._path}/mastery/evidence/{quote(evidence_id)}/contest")

    def next_steps(self) -> NextSteps:
        """What to do next, the best first."""
        return self._get(NextSteps, f"{self._path}/next-steps")

    def study_days(self) -> StudyDays:
        """When one studied, and when cards come back."""
        return self._get(StudyDays, f"{self._path}/study-days")
