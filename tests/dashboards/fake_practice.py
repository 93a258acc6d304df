"""Practice in memory, as the API tells it: two questions, what becomes of answers, how far one is."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse, Response

from studium.wire import practice
from studium.wire.answers import Quote
from studium.wire.base import Problem
from tests.dashboards.examples import AS_OF

NAMESPACE = UUID("0d8a4b53-6b0c-4e0e-8a50-0f4a9f6f0c11")
TOPIC = "physiology:2"
CURRENT = practice.PracticeQuestion(
    question_id=uuid5(NAMESPACE, "current"), course_id="physiology:2", topic_id=TOPIC, topic_name="Electrical activity",
    origin="moodle", made_by=None, is_yours_alone=False, qtype="multichoice", text="Which current is the upstroke?",
    html="<p>Which <b>current</b> is the upstroke?</p>", several=False,
    options=[practice.Option(option_id=1, text="The *funny* current"), practice.Option(option_id=0, text="Sodium")],
    prompts=[],
)  # fmt: skip
THRESHOLD = CURRENT.model_copy(
    update={
        "question_id": uuid5(NAMESPACE, "threshold"), "qtype": "numerical", "text": "The threshold, in mV?",
        "html": "<p>The threshold, in mV?</p>", "options": [], "origin": "generated", "made_by": "a rule",
    }
)  # fmt: skip


@dataclass
class FakePractice:
    """What there is to practise, and what was answered."""

    questions: list[practice.PracticeQuestion] = field(default_factory=lambda: [CURRENT, THRESHOLD])
    kept_back: list[practice.KeptBack] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    given: dict[str, practice.AnswerGiven] = field(default_factory=dict)
    problem: Problem | None = None

    def next(self, without: str | None) -> practice.Next:
        """The first that was neither answered nor put aside."""
        gone = {str(one.question_id) for one in self.given.values()} | set((without or "").split(","))
        left = [one for one in self.questions if str(one.question_id) not in gone]
        return practice.Next(
            question=left[0] if left else None,
            why="It is not known yet how well you know <it>." if left else "You have answered all there is for now.",
            p_correct=0.7 if left else None, again_at=None if left else AS_OF, available=len(left), resting=0,
            kept_back=self.kept_back,
        )  # fmt: skip

    def judge(self, key: str, body: practice.AnswerGiven) -> practice.Judged:
        """Sodium, and anything typed that holds 40, is right."""
        self.given[key] = body
        is_correct = body.choices == [0] or "40" in (body.text or "")
        attempt = practice.Attempt(
            attempt_id=uuid5(NAMESPACE, key), question_id=body.question_id, topic_id=TOPIC, session_id=None,
            is_correct=is_correct, fraction=float(is_correct), time_taken_seconds=body.time_taken_seconds,
            confidence_level=body.confidence_level, ability_before=0, ability_after=0.2, uncertainty_before=1,
            uncertainty_after=0.9, difficulty_before=0, difficulty_after=0, p_correct=0.7, is_repeated=False,
            answered_at=AS_OF,
        )  # fmt: skip
        session = practice.StudySession(
            session_id=uuid5(NAMESPACE, "session"), course_id="physiology:2", started_at=AS_OF, last_activity_at=AS_OF,
            ended_at=None, duration_seconds=150, questions_answered=len(self.given), correct_answers=int(is_correct),
            cards_reviewed=0, xp_earned=0,
        )  # fmt: skip
        return practice.Judged(
            attempt=attempt, given=body.text or "Sodium", right_answer="Sodium <or> -40", said=["Fast & short."],
            quotes=self.quotes, session=session,
        )  # fmt: skip


def add_practice(app: FastAPI, known: FakePractice) -> None:
    """The endpoints."""
    course = "/api/v1/courses/{course_id}/practice"

    @app.get(f"{course}/next")
    def read_next(without: str | None = None) -> practice.Next:
        return known.next(without)

    @app.post(f"{course}/attempts", response_model=practice.Judged)
    def answer(body: practice.AnswerGiven, idempotency_key: str = Header()) -> practice.Judged | Response:
        if known.problem is not None:
            return JSONResponse(known.problem.model_dump(), known.problem.status)
        return known.judge(idempotency_key, body)

    @app.get(f"{course}/standing")
    def standing() -> list[practice.Standing]:
        return [
            practice.Standing(
                topic_id=TOPIC, topic_name="Electrical activity", level=0.2, uncertainty=0.6, answers=12, questions=8,
            )
        ]  # fmt: skip
