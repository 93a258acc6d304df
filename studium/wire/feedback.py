"""What a learner says of an answer."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from studium.wire.base import Request, Wire, Words

Verdict = Literal["up", "down"]
Reason = Literal["wrong", "not_in_course", "unclear", "outdated", "other"]
ReportStatus = Literal["open", "corrected", "dismissed"]
OwnWords = Annotated[Words, Field(max_length=1000)]


class FeedbackGiven(Request):
    """A thumb for an answer; down, with the reason."""

    verdict: Verdict
    reason: Reason | None = None
    words: OwnWords | None = None
    is_shared: bool = Field(
        False, description="Agree that the course's teachers see the question and the answer, without a name."
    )

    @model_validator(mode="after")
    def _has_a_reason_where_it_is_bad(self) -> Self:
        if (self.verdict == "down") != (self.reason is not None):
            raise ValueError("a thumb down has a reason, a thumb up has none")
        if self.is_shared and self.verdict == "up":
            raise ValueError("only an answer that was found bad is shown to teachers")
        return self


class Feedback(Wire):
    """What one said of an answer, and what became of it where teachers were shown it."""

    turn_id: UUID
    verdict: Verdict
    reason: Reason | None
    words: str | None
    is_shared: bool
    report_status: ReportStatus | None
    updated_at: datetime
