"""A course's question bank, as who teaches it sees and keeps it. Files of questions are `exchanging`'s."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from studium.analytics import keyset
from studium.learning.practice.texts import clean
from studium.learning.questions.files import name_of
from studium.learning.questions.records import FALSE, TRUE, Answer, BadQuestionError, Pair, QuestionRecord
from studium.wire.base import Page
from studium.wire.question_bank import (
    BankAnswer,
    BankChange,
    BankQuestion,
    NewBankQuestion,
    Origin,
    Standing,
)

ROWS = """
select q.question_id, q.course_id, q.topic_id, m.name as topic, q.origin, q.qtype, q.text, q.answers,
    q.general_feedback, q.settings, q.difficulty_hint as difficulty, q.document_id, q.quote,
    q.checked ->> 'by' as made_by,
    coalesce(d.answers, 0) as answered, q.created_at,
    q.released_at is not null as is_released,
    case when q.retired_at is null then 'in_use' when (q.checked ->> 'waits')::boolean then 'waiting' else 'retired' end
        as standing
from app.practice_questions as q
left join app.practice_difficulties as d on q.question_id = d.question_id
left join lateral (
    select min(s.section_name) as name from marts.dim_modules as s where s.section_id = q.topic_id
) as m on true
where q.course_id = %(course)s and q.owner_id is null
"""
FILTERED: LiteralString = """
    and (%(topic)s::text is null or q.topic_id = %(topic)s)
    and (%(origin)s::text is null or q.origin = %(origin)s)
    and (%(standing)s::text is null or %(standing)s = case when q.retired_at is null then 'in_use'
        when (q.checked ->> 'waits')::boolean then 'waiting' else 'retired' end)
    and (%(words)s::text is null or q.text ilike '%%' || %(words)s || '%%'
        or q.settings ->> 'name' ilike '%%' || %(words)s || '%%')
    and (%(at)s::timestamptz is null or (q.created_at, q.question_id) < (%(at)s, %(id)s::uuid))
order by q.created_at desc, q.question_id desc limit %(limit)s
"""
ADD = """
insert into app.practice_questions (course_id, topic_id, origin, external_key, qtype, text, answers, general_feedback,
    settings, difficulty_hint, created_at, created_by)
values (%(course)s, %(topic)s, 'teacher', %(external_key)s, %(qtype)s, %(text)s, %(answers)s, %(general_feedback)s,
    %(settings)s, %(difficulty)s, %(moment)s, %(account)s)
on conflict (course_id, external_key) do nothing
returning question_id
"""
CHANGE = """
update app.practice_questions as q
set topic_id = case when %(moves)s then %(topic_id)s else q.topic_id end,
    difficulty_hint = case when %(rates)s then %(difficulty)s else q.difficulty_hint end,
    retired_at = case when %(is_in_use)s::boolean is null then q.retired_at when %(is_in_use)s then null
        else coalesce(q.retired_at, %(moment)s) end,
    released_at = case when %(is_released)s::boolean is null then q.released_at
        when %(is_released)s then coalesce(q.released_at, %(moment)s) end,
    checked = case when %(is_in_use)s::boolean is null then coalesce(q.checked, '{}')
            else coalesce(q.checked, '{}') - 'waits' - 'retired_by' end
        || case when %(moves)s then '{"placed_by": "teacher"}' else '{}' end::jsonb
where q.question_id = %(id)s and q.course_id = %(course)s and q.owner_id is null
returning q.question_id
"""
TOPIC = "select exists (select from marts.dim_modules as m where m.course_id = %s and m.section_id = %s)"
WILD = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class NoSuchBankQuestionError(LookupError):
    """There is no such question in the bank of a course the account teaches."""


class NoSuchTopicError(ValueError):
    """The course has no such section."""


def listed(
    connection: Connection, course_id: str, *, topic_id: str | None = None, origin: Origin | None = None,
    standing: Standing | None = None, words: str | None = None, after: str | None = None, limit: int = 50,
) -> Page[BankQuestion]:  # fmt: skip
    """The bank, the newest first."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    rows = rows_of(
        connection, FILTERED, course=course_id, topic=topic_id, origin=origin, standing=standing,
        words=words.translate(WILD) if words else None, at=seen[0], id=seen[1], limit=limit + 1,
    )  # fmt: skip
    page = keyset.page(rows, limit, lambda row: (row["created_at"], row["question_id"]))
    return Page(items=[_shown(row) for row in page.items], next=page.next)


def read(connection: Connection, course_id: str, question_id: UUID) -> BankQuestion:
    """One question."""
    found = rows_of(connection, " and q.question_id = %(id)s", course=course_id, id=question_id)
    if not found:
        raise NoSuchBankQuestionError("There is no such question in this course.")
    return _shown(found[0])


def add(
    connection: Connection, course_id: str, account_id: UUID, new: NewBankQuestion, moment: datetime
) -> BankQuestion:
    """Keep a question written by hand.

    Raises:
        BadQuestionError: it cannot be asked, and why.
        NoSuchTopicError: the course has no such section.
    """
    require_topic(connection, course_id, new.topic_id)
    record = cleaned(_record(new)).checked()
    question_id = keep(connection, course_id, account_id, record, moment, new.topic_id, new.difficulty)
    if question_id is None:
        raise BadQuestionError("This question is in the bank already.")
    return read(connection, course_id, question_id)


def change(
    connection: Connection, course_id: str, question_id: UUID, wanted: BankChange, moment: datetime
) -> BankQuestion:
    """Put a question under another topic, say how hard it is, or have it asked no more, or again."""
    require_topic(connection, course_id, wanted.topic_id)
    facts = {
        **wanted.model_dump(), "moves": "topic_id" in wanted.model_fields_set,
        "rates": "difficulty" in wanted.model_fields_set, "moment": moment, "id": question_id, "course": course_id,
    }  # fmt: skip
    if connection.execute(CHANGE, facts).fetchone() is None:
        raise NoSuchBankQuestionError("There is no such question in this course.")
    return read(connection, course_id, question_id)


def cleaned(record: QuestionRecord) -> QuestionRecord:
    """The same without anything in its HTML that acts or loads. What is typed stays as it is."""

    def html(text: str) -> str:
        return clean(text).strip()

    def answer(one: Answer) -> Answer:
        text = html(one.text) if record.qtype == "multichoice" else one.text.strip()
        return replace(one, text=text, feedback=html(one.feedback))

    return replace(
        record,
        text=html(record.text),
        general_feedback=html(record.general_feedback),
        answers=tuple(map(answer, record.answers)),
        pairs=tuple(Pair(html(pair.prompt), pair.answer.strip()) for pair in record.pairs),
        hints=tuple(map(html, record.hints)),
        correct_feedback=html(record.correct_feedback),
        partly_feedback=html(record.partly_feedback),
        incorrect_feedback=html(record.incorrect_feedback),
        pictures=(),
    )


def fingerprint(record: QuestionRecord) -> str:
    """The same for questions that ask and accept the same."""
    stored = record.stored()
    return sha256(dumps([stored["qtype"], stored["text"], stored["answers"]], sort_keys=True).encode()).hexdigest()


def _record(new: NewBankQuestion) -> QuestionRecord:
    is_match = new.qtype == "match"
    answers = tuple(Answer(one.text, one.fraction, one.feedback, one.tolerance) for one in new.answers)
    if new.qtype == "truefalse":
        answers = tuple(
            sorted(answers, key=lambda one: [TRUE, FALSE].index(one.text) if one.text in (TRUE, FALSE) else 2)
        )
    return QuestionRecord(
        qtype=new.qtype,
        name=new.name or name_of(new.text),
        text=new.text,
        answers=() if is_match else answers,
        pairs=tuple(Pair(one.prompt or "", one.text) for one in new.answers) if is_match else (),
        general_feedback=new.general_feedback,
        tags=tuple(new.tags),
        single=new.is_single,
    )


def keep(
    connection: Connection, course_id: str, account_id: UUID, record: QuestionRecord, moment: datetime,
    topic_id: str | None, difficulty: str | None,
) -> UUID | None:  # fmt: skip
    """Keep a question; None when it is in the bank already."""
    stored = record.stored()
    facts = {
        "course": course_id, "topic": topic_id, "qtype": stored["qtype"], "text": stored["text"],
        "external_key": f"teacher:{fingerprint(record)}",
        "answers": Jsonb(stored["answers"]), "general_feedback": stored["general_feedback"],
        "settings": Jsonb(stored["settings"]), "difficulty": difficulty, "moment": moment, "account": account_id,
    }  # fmt: skip
    row = connection.execute(ADD, facts).fetchone()
    return row[0] if row else None


def require_topic(connection: Connection, course_id: str, topic_id: str | None) -> None:
    """Raises `NoSuchTopicError` for a section the course has not."""
    [(known,)] = connection.execute(TOPIC, [course_id, topic_id]).fetchall()
    if topic_id is not None and not known:
        raise NoSuchTopicError("The course has no such section.")


def rows_of(connection: Connection, where: LiteralString, **facts: object) -> list[dict[str, Any]]:
    """Rows of the bank."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(ROWS + where, facts).fetchall()


def stored_as(row: Mapping[str, Any]) -> QuestionRecord:
    """A row as a question, with a name."""
    record = QuestionRecord.of_stored(row)
    return record if record.name else replace(record, name=name_of(record.text))


def _shown(row: Mapping[str, Any]) -> BankQuestion:
    record = cleaned(stored_as(row))
    answers = [
        BankAnswer(text=one.text, fraction=one.fraction, feedback=one.feedback, tolerance=one.tolerance)
        for one in record.answers
    ] or [BankAnswer(text=pair.answer, prompt=pair.prompt, fraction=0.0) for pair in record.pairs]
    return BankQuestion.model_validate(
        {
            **row,
            "name": record.name,
            "text": record.text,
            "answers": answers,
            "is_single": record.single,
            "general_feedback": record.general_feedback,
            "tags": list(record.tags),
        }
    )
