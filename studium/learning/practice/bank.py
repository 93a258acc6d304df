"""The questions the bound account may practise, and what is known of each: which those are, the database says."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.learning.practice.ability import HINTED, HINTED_SPREAD, UNKNOWN, Asked, Guess
from studium.learning.practice.choosing import Item
from studium.learning.practice.judging import luck
from studium.learning.questions.records import ASKED, QuestionRecord
from studium.wire.practice import Origin

WHOLE_COURSE = ""
"""The topic of what is about the course as a whole."""
QUESTIONS = """
select q.question_id, q.course_id, q.topic_id, q.external_key, q.origin, q.owner_id, q.qtype, q.text, q.answers,
    q.general_feedback, q.settings, q.difficulty_hint, q.quote, q.document_id, q.checked,
    d.difficulty, d.uncertainty, d.sharpness, d.start_difficulty, d.start_uncertainty
from app.practice_questions as q
left join app.practice_difficulties as d on q.question_id = d.question_id
where q.retired_at is null and q.course_id = %(course)s
"""


@dataclass(frozen=True)
class Question:
    """A question, with what is known of how hard it is."""

    question_id: UUID
    course_id: str
    topic_id: str | None
    external_key: str | None
    origin: Origin
    is_own: bool
    record: QuestionRecord
    asked: Asked
    start: Guess
    quote: str | None
    document_id: UUID | None
    made_by: str | None

    @property
    def topic(self) -> str:
        """The topic as estimates know it."""
        return self.topic_id or WHOLE_COURSE

    @property
    def item(self) -> Item:
        """As it is chosen among others."""
        return Item(self.question_id, self.topic, self.asked)


def read(connection: Connection, course_id: str) -> list[Question]:
    """All of a course."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"{QUESTIONS} order by q.question_id", {"course": course_id}).fetchall()
    return [question(row) for row in rows if row["qtype"] in ASKED]


def find(connection: Connection, course_id: str, question_id: UUID) -> Question | None:
    """One of a course."""
    with connection.cursor(row_factory=dict_row) as cursor:
        facts = {"course": course_id, "question": question_id}
        row = cursor.execute(f"{QUESTIONS} and q.question_id = %(question)s", facts).fetchone()
    return question(row) if row else None


def question(row: dict[str, Any]) -> Question:
    """From a row of QUESTIONS."""
    record = QuestionRecord.of_stored({**row, "settings": {"name": ""} | (row["settings"] or {})})
    start = begun(row["difficulty_hint"])
    if row["difficulty"] is not None:
        now, start = (
            Guess(row["difficulty"], row["uncertainty"]),
            Guess(row["start_difficulty"], row["start_uncertainty"]),
        )
    else:
        now = start
    return Question(
        question_id=row["question_id"],
        course_id=row["course_id"],
        topic_id=row["topic_id"],
        external_key=row["external_key"],
        origin=row["origin"],
        is_own=row["owner_id"] is not None,
        record=record,
        asked=Asked(now, luck(record), row["sharpness"] or 1.0),
        start=start,
        quote=row["quote"],
        document_id=row["document_id"],
        made_by=str((row["checked"] or {}).get("model") or "a rule") if row["origin"] == "generated" else None,
    )


def begun(hint: str | None) -> Guess:
    """How hard a question is that nobody has answered."""
    return Guess(HINTED[hint], HINTED_SPREAD) if hint in HINTED else UNKNOWN
