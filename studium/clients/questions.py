"""The typed client's calls for what is said of answers, and for what is asked in a course."""

from typing import TYPE_CHECKING, Literal
from urllib.parse import quote
from uuid import UUID

from studium.clients.calling import Calls
from studium.wire.base import Page
from studium.wire.feedback import Feedback, FeedbackGiven, ReportStatus
from studium.wire.questions import (
    Correction,
    GoldenQuestion,
    NewCorrection,
    NewGolden,
    QuestionsAsked,
    ReportChange,
    ReportedAnswer,
)

if TYPE_CHECKING:
    from studium.client import Client


class Feedbacks(Calls):
    """What one says of answers, as `Client.feedback`."""

    def list(self, *, after: str | None = None, limit: int = 50) -> Page[Feedback]:
        """All one has said, the newest first."""
        return self._get(Page[Feedback], "/chat/feedback", after=after, limit=limit)

    def give(self, turn_id: UUID, given: FeedbackGiven) -> Feedback:
        """Say whether an answer was good, in the place of what was said before."""
        return self._send(Feedback, "PUT", f"/chat/turns/{turn_id}/feedback", given)

    def take_back(self, turn_id: UUID) -> None:
        """Have said nothing."""
        self._client.send("DELETE", f"/chat/turns/{turn_id}/feedback")


class Questions(Calls):
    """What is asked in a course one teaches, as `Client.questions(course_id)`."""

    def __init__(self, client: "Client", course_id: str) -> None:
        super().__init__(client)
        self._path = f"/courses/{quote(course_id, safe=':')}"

    def read(self) -> QuestionsAsked:
        """What is asked, by topic and by page, as it was last put together."""
        return self._get(QuestionsAsked, f"{self._path}/questions")

    def refresh(self) -> QuestionsAsked:
        """Have it put together anew."""
        return self._send(QuestionsAsked, "POST", f"{self._path}/questions")

    def reports(
        self, *, status: ReportStatus | None = None, after: str | None = None, limit: int = 50
    ) -> Page[ReportedAnswer]:
        """Answers learners found bad, those that wait longest first."""
        path = f"{self._path}/reported-answers"
        return self._get(Page[ReportedAnswer], path, status=status, after=after, limit=limit)

    def change_report(self, report_id: UUID, status: Literal["open", "dismissed"]) -> ReportedAnswer:
        """Put a reported answer aside, or back."""
        path = f"{self._path}/reported-answers/{report_id}"
        return self._send(ReportedAnswer, "PATCH", path, ReportChange(status=status))

    def corrections(self, *, after: str | None = None, limit: int = 50) -> Page[Correction]:
        """What teachers of the course wrote, the newest first."""
        return self._get(Page[Correction], f"{self._path}/corrections", after=after, limit=limit)

    def correct(self, new: NewCorrection) -> Correction:
        """Say what a question should be answered with."""
        return self._send(Correction, "POST", f"{self._path}/corrections", new)

    def withdraw(self, correction_id: UUID) -> None:
        """Take a correction back."""
        self._client.send("DELETE", f"{self._path}/corrections/{correction_id}")

    def golden(self, *, after: str | None = None, limit: int = 50) -> Page[GoldenQuestion]:
        """Questions the tutor is measured by."""
        return self._get(Page[GoldenQuestion], f"{self._path}/golden-questions", after=after, limit=limit)

    def keep_golden(self, new: NewGolden) -> GoldenQuestion:
        """Keep a question to measure the tutor by."""
        return self._send(GoldenQuestion, "POST", f"{self._path}/golden-questions", new)

    def forget_golden(self, golden_id: UUID) -> None:
        """Keep it no longer."""
        self._client.send("DELETE", f"{self._path}/golden-questions/{golden_id}")
