"""What one knows, what to do next, and when one studied: kept in memory, contested as the real API does it."""

from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import FastAPI

from studium.learning.practice.calibration import calibration as calibrated
from studium.wire import mastery, practice
from studium.wire.base import Page
from tests.dashboards.examples import AS_OF, TODAY

HEART, VESSELS, EMPTY = "physiology:21", "physiology:22", "physiology:23"
HOSTILE = "<img src=x onerror=alert(1)> **What** opens $x$ [channels](javascript:alert(1))?"
PIECE = "review:00000000-0000-0000-0000-000000000001"


def topic(topic_id: str, name: str, position: int, **numbers: object) -> mastery.TopicMastery:
    """A topic; without numbers, one nothing is known of."""
    nothing = {
        **dict.fromkeys(("mastery_pct", "low_pct", "high_pct", "last_evidence_at")),
        **dict.fromkeys(("card_reviews", "practice_attempts", "quiz_responses", "contested"), 0),
        "level": "unknown",
    }
    return mastery.TopicMastery.model_validate(
        {**nothing, **numbers, "topic_id": topic_id, "name": name, "position": position}
    )


def example_steps() -> list[mastery.NextStep]:
    """One of each kind."""
    return [
        mastery.NextStep(
            kind="review", reason="24 cards are due; about 4 of them are forgotten by now.", minutes=5, count=24
        ),
        mastery.NextStep(
            kind="practise",
            reason="You know about 41 % of \u201cVessels\u201d.",
            minutes=10,
            count=12,
            topic_id=VESSELS,
            topic_name="Vessels",
        ),
        mastery.NextStep(
            kind="read",
            reason="It is new to you.",
            minutes=10,
            topic_id=EMPTY,
            topic_name="Lungs",
            title="Gas <exchange>",
            url="http://moodle.invalid/mod/page/view.php?id=3",
        ),
    ]


@dataclass
class FakeLearning:
    """What the API knows of a learner."""

    topics: list[mastery.TopicMastery] = field(
        default_factory=lambda: [
            topic(
                HEART, "Heart", 1, level="strong", mastery_pct=84.0, low_pct=71.2, high_pct=96.8, card_reviews=30,
                quiz_responses=8, last_evidence_at=AS_OF,
            ),
            topic(
                VESSELS, "Vessels", 2, level="weak", mastery_pct=41.0, low_pct=28.0, high_pct=55.0,
                practice_attempts=23, last_evidence_at=AS_OF,
            ),
            topic(EMPTY, "Lungs", 3),
        ]
    )  # fmt: skip
    evidence: list[mastery.Evidence] = field(
        default_factory=lambda: [
            mastery.Evidence(
                evidence_id=PIECE, kind="card_review", topic_id=HEART, text=HOSTILE, place=None, url=None, score=0.0,
                occurred_at=AS_OF, weight=0.5, contest=None,
            )
        ]
    )  # fmt: skip
    steps: list[mastery.NextStep] = field(default_factory=example_steps)
    days: list[mastery.StudyDay] = field(
        default_factory=lambda: [
            mastery.StudyDay(day=TODAY - timedelta(days=ago), cards=20 + ago, questions=5, minutes=15)
            for ago in range(20, 0, -2)
        ]
    )
    due: list[int] = field(default_factory=lambda: [12, 4, 0, 9])
    sure: dict[int, tuple[int, int]] = field(default_factory=lambda: {1: (4, 1), 2: (8, 4), 4: (10, 6)})
    """By step of confidence: answers, and how many were right."""

    def contest(self, evidence_id: str, against: mastery.Contest | None) -> None:
        """Keep what is said against a piece."""
        self.evidence = [
            one.model_copy(update={"contest": against, "weight": 0.0 if against else 0.5})
            if one.evidence_id == evidence_id
            else one
            for one in self.evidence
        ]


def add_learning(app: FastAPI, known: FakeLearning) -> None:
    """The endpoints."""
    course = "/api/v1/courses/{course_id}"

    @app.get(f"{course}/mastery")
    def read(course_id: str) -> mastery.Mastery:
        return mastery.Mastery(course_id=course_id, topics=known.topics)

    @app.get(f"{course}/mastery/evidence")
    def evidence(topic_id: str, limit: int) -> Page[mastery.Evidence]:
        found = [one for one in known.evidence if one.topic_id == topic_id]
        return Page[mastery.Evidence](items=found[:limit], next="more" if found[limit:] else None)

    @app.put(f"{course}/mastery/evidence/{{evidence_id}}/contest")
    def contest(course_id: str, evidence_id: str, body: mastery.ContestEvidence) -> mastery.Mastery:
        known.contest(evidence_id, mastery.Contest(reason=body.reason, words=body.words, contested_at=AS_OF))
        return read(course_id)

    @app.delete(f"{course}/mastery/evidence/{{evidence_id}}/contest")
    def accept(course_id: str, evidence_id: str) -> mastery.Mastery:
        known.contest(evidence_id, None)
        return read(course_id)

    @app.get(f"{course}/next-steps")
    def next_steps(course_id: str) -> mastery.NextSteps:
        return mastery.NextSteps(
            course_id=course_id, steps=known.steps, minutes_today=12, minutes_a_day=30, exam_in_days=19
        )

    @app.get(f"{course}/practice/calibration")
    def calibration() -> practice.Calibration:
        said = [(step, number < right) for step, (answers, right) in known.sure.items() for number in range(answers)]
        return calibrated(said)

    @app.get(f"{course}/study-days")
    def study_days(course_id: str) -> mastery.StudyDays:
        due = [mastery.DueDay(day=TODAY + timedelta(days=ahead), cards=cards) for ahead, cards in enumerate(known.due)]
        return mastery.StudyDays(course_id=course_id, today=TODAY, days=known.days, due=due, later=3, new_cards=7)
