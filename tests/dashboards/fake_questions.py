"""What the small API in memory knows of thumbs, of what is asked, and of what teachers make of it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from studium.wire import questions
from studium.wire.base import Page, Problem
from studium.wire.chat import AnswerPart
from studium.wire.feedback import Feedback, FeedbackGiven
from tests.dashboards.examples import AS_OF

PREFIX = "/api/v1/courses/{course_id}"
PAGE = UUID("6b0f0d0c-0f7a-4f6e-9a11-5d3a2f6a7c11")


@dataclass
class FakeQuestions:
    """What the API knows, and what it was told."""

    feedback: dict[UUID, Feedback] = field(default_factory=dict)
    report_status: Any = "open"
    digest: questions.Digest | None = None
    request: Any = None
    reports: list[questions.ReportedAnswer] = field(default_factory=list)
    corrections: list[questions.Correction] = field(default_factory=list)
    corrected: list[questions.NewCorrection] = field(default_factory=list)
    golden: list[questions.GoldenQuestion] = field(default_factory=list)
    dismissed: list[UUID] = field(default_factory=list)
    problem: Problem | None = None

    def report(self, question: str, **told: Any) -> questions.ReportedAnswer:
        """A reported answer that waits."""
        part = AnswerPart(text="Cells are <b>small</b>.", citations=[], supported=True, made_by="course")
        answer = questions.ReportedText(statement="Quoted.", shape="passages", model=None, parts=[part], citations=[])
        standing: dict[str, Any] = {
            "report_id": uuid4(), "course_id": "physiology:2", "question": question, "answer": answer, "retrieved": [],
            "is_withheld": False, "reason": "wrong", "words": None, "asked_on": date(2026, 11, 20),
            "reported_on": date(2026, 11, 21), "status": "open", "handled_on": None,
        }  # fmt: skip
        made = questions.ReportedAnswer.model_validate(standing | told)
        self.reports.append(made)
        return made


def spot(title: str, page: int | None, askers: int) -> questions.Spot:
    """A place answers stood at."""
    return questions.Spot(
        document_id=PAGE, title=title, module_name=title, page=page, page_kind="page", source_url=None,
        open_url=f"/api/v1/documents/{PAGE}/content#page={page}", asks=askers, askers=askers,
    )  # fmt: skip


def topic(*words: str, asks: int = 5, askers: int = 4, **told: Any) -> questions.Topic:
    """Questions that are alike."""
    standing = {"refused": 0, "unsure": 0, "likeness": 0.7, "places": [spot("Handbook", 4, 3)]}
    return questions.Topic(words=list(words), asks=asks, askers=askers, **standing | told)


def digest(**told: Any) -> questions.Digest:
    """What was asked, as the pipeline puts it together."""
    share = questions.Share(count=3, of=12, low_pct=8.9, high_pct=53.2)
    standing: dict[str, Any] = {
        "since": date(2026, 10, 25), "until": date(2026, 11, 22), "is_withheld": False, "is_cut": False, "asks": 12,
        "askers": 7, "refused": share, "unsure": None, "helpful": None, "topics": [topic("preload", "<afterload>")],
        "gaps": [topic("troponin", asks=3, askers=3, refused=2, unsure=1)], "places": [spot("Handbook", 4, 6)],
        "asks_in_no_topic": 7,
    }  # fmt: skip
    return questions.Digest(**standing | told)


def add_questions(app: FastAPI, known: FakeQuestions) -> None:
    """The routes."""
    _add_feedback(app, known)
    _add_asked(app, known)
    _add_made(app, known)


def _add_feedback(app: FastAPI, known: FakeQuestions) -> None:
    @app.get("/api/v1/chat/feedback")
    def given() -> Page[Feedback]:
        return Page[Feedback](items=list(known.feedback.values()))

    @app.put("/api/v1/chat/turns/{turn_id}/feedback")
    def give(turn_id: UUID, body: FeedbackGiven) -> Feedback:
        status = known.report_status if body.is_shared else None
        known.feedback[turn_id] = Feedback(turn_id=turn_id, report_status=status, updated_at=AS_OF, **body.model_dump())
        return known.feedback[turn_id]

    @app.delete("/api/v1/chat/turns/{turn_id}/feedback", status_code=204)
    def take_back(turn_id: UUID) -> None:
        known.feedback.pop(turn_id)


def _add_asked(app: FastAPI, known: FakeQuestions) -> None:
    @app.get(PREFIX + "/questions")
    def asked(course_id: str) -> questions.QuestionsAsked:
        return questions.QuestionsAsked(
            course_id=course_id, made_at=AS_OF if known.digest else None, request=known.request, digest=known.digest,
            open_reports=len(known.reports),
        )  # fmt: skip

    @app.post(PREFIX + "/questions", status_code=202)
    def refresh(course_id: str) -> questions.QuestionsAsked:
        known.request = "queued"
        return asked(course_id)

    @app.get(PREFIX + "/reported-answers")
    def reports(status: str) -> Page[questions.ReportedAnswer]:
        return Page[questions.ReportedAnswer](items=[one for one in known.reports if one.status == status])

    @app.patch(PREFIX + "/reported-answers/{report_id}")
    def change(report_id: UUID, body: questions.ReportChange) -> questions.ReportedAnswer:
        known.dismissed.append(report_id)
        (report,) = [one for one in known.reports if one.report_id == report_id]
        known.reports.remove(report)
        return report.model_copy(update={"status": body.status})


def _add_made(app: FastAPI, known: FakeQuestions) -> None:
    @app.get(PREFIX + "/corrections")
    def corrections() -> Page[questions.Correction]:
        return Page[questions.Correction](items=known.corrections)

    @app.post(PREFIX + "/corrections", status_code=201, response_model=None)
    def correct(course_id: str, body: questions.NewCorrection) -> questions.Correction | Response:
        if known.problem:
            return JSONResponse(known.problem.model_dump(), known.problem.status)
        known.corrected.append(body)
        known.reports = [one for one in known.reports if one.report_id != body.report_id]
        made = questions.Correction(
            correction_id=uuid4(), course_id=course_id, written_at=AS_OF, withdrawn_at=None, status="processing",
            **body.model_dump(exclude={"report_id"}),
        )  # fmt: skip
        known.corrections.append(made)
        return made

    @app.delete(PREFIX + "/corrections/{correction_id}", status_code=204)
    def withdraw(correction_id: UUID) -> None:
        known.corrections = [one for one in known.corrections if one.correction_id != correction_id]

    @app.get(PREFIX + "/golden-questions")
    def golden() -> Page[questions.GoldenQuestion]:
        return Page[questions.GoldenQuestion](items=known.golden)

    @app.post(PREFIX + "/golden-questions", status_code=201)
    def keep(course_id: str, body: questions.NewGolden) -> questions.GoldenQuestion:
        made = questions.GoldenQuestion(
            golden_id=uuid4(), course_id=course_id, question=body.question, kind=body.kind, note=body.note,
            quotes=[body.quote] if body.quote else [], written_at=AS_OF,
        )  # fmt: skip
        known.golden.append(made)
        return made

    @app.delete(PREFIX + "/golden-questions/{golden_id}", status_code=204)
    def forget(golden_id: UUID) -> None:
        known.golden = [one for one in known.golden if one.golden_id != golden_id]
