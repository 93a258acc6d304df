"""A course's question bank as it landed from Moodle, made into questions to practise, and how hard each is there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from studium.learning.practice.ability import Guess, rebased
from studium.learning.practice.judging import luck
from studium.learning.practice.starting import FirstAnswer, Started, started
from studium.learning.practice.topics_of import topics_of
from studium.learning.questions.landed import landed
from studium.learning.questions.records import ASKED, QuestionRecord, problem
from studium.moodle.keys import CourseKey

if TYPE_CHECKING:
    from studium.content.embed import Embedder

# the newest version of each that is ready, as Moodle asks it; parts of other questions are asked with those
BANK = """
with newest as (
    select distinct on (coalesce(q.entry_id, -q.question_id)) q.*
    from raw.questions as q
    where q.site_id = %s and q.course_id = %s and q.status = 'ready' and coalesce(q.parent_id, 0) in (0, q.question_id)
    order by coalesce(q.entry_id, -q.question_id), q.version desc, q.question_id desc
)

select n.*, n.site_id || ':' || n.question_id as external_key, z.module_id, z.section
from newest as n
left join lateral (
    select m.site_id || ':' || m.cmid as module_id, m.site_id || ':' || m.section_id as section
    from raw.quiz_slots as s
    inner join raw.modules as m on s.site_id = m.site_id and s.cmid = m.cmid
    where s.site_id = n.site_id and (s.question_id = n.question_id or s.entry_id = n.entry_id)
    order by m.cmid limit 1
) as z on true
order by n.question_id
"""
ANSWERS = "select * from raw.question_answers where site_id = %s and course_id = %s"
UPSERT = """
insert into app.practice_questions as q
    (course_id, topic_id, origin, external_key, qtype, text, answers, general_feedback, settings, module_id)
values (%(course)s, %(topic)s, 'moodle', %(external_key)s, %(qtype)s, %(text)s, %(answers)s, %(general_feedback)s,
        %(settings)s, %(module_id)s)
on conflict (course_id, external_key) do update set
    topic_id = case when q.checked ->> 'placed_by' = 'teacher' then q.topic_id else excluded.topic_id end,
    qtype = excluded.qtype, text = excluded.text, answers = excluded.answers,
    general_feedback = excluded.general_feedback, settings = excluded.settings, module_id = excluded.module_id,
    retired_at = case when q.retired_at is not null and q.checked ->> 'retired_by' = 'import' then null
        else q.retired_at end
returning q.question_id
"""
RETIRE = """
update app.practice_questions set retired_at = %s, checked = coalesce(checked, '{}') || '{"retired_by": "import"}'
where course_id = %s and origin = 'moodle' and retired_at is null and question_id <> all(%s)
"""
# everybody's first finished attempt at each question, whatever its version
FIRSTS = """
select distinct on (a.user_id, coalesce(q.entry_id, -q.question_id))
    a.user_id::text as person, coalesce(q.entry_id, -q.question_id) as entry,
    least(greatest(r.fraction, 0), 1)::double precision as fraction
from raw.quiz_attempts as a
inner join raw.question_attempts as r on a.site_id = r.site_id and a.attempt_id = r.attempt_id
inner join raw.questions as q on r.site_id = q.site_id and a.course_id = q.course_id and r.question_id = q.question_id
where a.site_id = %s and a.course_id = %s and a.state = 'finished' and not a.is_preview and r.fraction is not null
order by a.user_id, coalesce(q.entry_id, -q.question_id), a.finished_at, r.question_attempt_id
"""
KNOWN = """
select question_id, start_difficulty, start_uncertainty, difficulty, uncertainty
from app.practice_difficulties where course_id = %s for update
"""
START = """
insert into app.practice_difficulties
    (question_id, course_id, start_difficulty, start_uncertainty, moodle_answers, difficulty, uncertainty, sharpness)
values (%(question)s, %(course)s, %(start)s, %(start_spread)s, %(answers)s, %(now)s, %(now_spread)s, %(sharpness)s)
on conflict (question_id) do update set
    start_difficulty = excluded.start_difficulty, start_uncertainty = excluded.start_uncertainty,
    moodle_answers = excluded.moodle_answers, difficulty = excluded.difficulty, uncertainty = excluded.uncertainty,
    sharpness = excluded.sharpness, updated_at = clock_timestamp()
"""
PICTURE = "<img"


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a bank."""

    questions: int
    refused: Mapping[str, int]
    """Why others cannot be practised, and how many."""
    retired: int
    known: int
    """Questions that people answered in Moodle."""


def bring(connection: Connection, embedder: "Embedder", course: CourseKey, moment: datetime) -> Brought:
    """Make a course's practice questions follow its bank, in the caller's transaction."""
    rows, refused = _records(connection, course)
    topics = topics_of(
        connection, embedder, course, [record for _, record in rows], [row["section"] for row, _ in rows]
    )
    ids = {
        row["external_key"]: _keep(connection, course, row, record, topic)
        for (row, record), topic in zip(rows, topics, strict=True)
    }
    retired = connection.execute(RETIRE, [moment, str(course), list(ids.values())]).rowcount
    known = _start(connection, course, rows, ids)
    return Brought(len(rows), refused, retired, known)


def _records(
    connection: Connection, course: CourseKey
) -> tuple[list[tuple[dict[str, Any], QuestionRecord]], dict[str, int]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        bank = cursor.execute(BANK, course).fetchall()
        answers = defaultdict(list)
        for answer in cursor.execute(ANSWERS, course).fetchall():
            answers[answer["question_id"]].append(answer)
    rows, refused = [], defaultdict[str, int](int)
    for row in bank:
        record = landed(row, answers[row["question_id"]])
        if record is None or (why := _refused(record)):
            refused["Not a type that a rule can judge." if record is None else str(why)] += 1
        else:
            rows.append((row, record))
    return rows, dict(refused)


def _refused(record: QuestionRecord) -> str | None:
    if record.qtype not in ASKED:
        return "Not a type that a rule can judge."
    shown = [record.text, *(one.text for one in record.answers)]
    if any(PICTURE in text.lower() for text in shown):
        return "Rests on a picture, which stays in Moodle."
    return problem(record)


def _keep(
    connection: Connection, course: CourseKey, row: dict[str, Any], record: QuestionRecord, topic: str | None
) -> UUID:
    stored = record.stored()
    facts = {"course": str(course), "topic": topic, "external_key": row["external_key"], "module_id": row["module_id"]}
    facts |= {name: Jsonb(value) if name in ("answers", "settings") else value for name, value in stored.items()}
    kept = connection.execute(UPSERT, facts).fetchone()
    assert kept is not None  # noqa: S101 - an upsert returns its row
    question_id: UUID = kept[0]
    return question_id


def _start(
    connection: Connection,
    course: CourseKey,
    rows: Sequence[tuple[dict[str, Any], QuestionRecord]],
    ids: Mapping[str, UUID],
) -> int:
    """How hard they are by Moodle's own attempts; what was seen here since stays with it."""
    keys = {row["entry_id"] or -row["question_id"]: row["external_key"] for row, _ in rows}
    found = connection.execute(FIRSTS, course).fetchall()
    firsts = [FirstAnswer(person, keys[entry], fraction) for person, entry, fraction in found if entry in keys]
    begun = started(firsts, {row["external_key"]: luck(record) for row, record in rows})
    kept = {row[0]: (Guess(*row[1:3]), Guess(*row[3:5])) for row in connection.execute(KNOWN, [str(course)]).fetchall()}
    for key, one in begun.items():
        _restart(connection, course, ids[key], one, kept.get(ids[key]))
    return len(begun)


def _restart(
    connection: Connection, course: CourseKey, question_id: UUID, begun: Started, kept: tuple[Guess, Guess] | None
) -> None:
    start = begun.asked.difficulty
    now = rebased(kept[1], kept[0], start) if kept else start
    facts = {
        "question": question_id, "course": str(course), "start": start.mean, "start_spread": start.spread,
        "answers": begun.answers, "now": now.mean, "now_spread": now.spread, "sharpness": begun.asked.sharpness,
    }  # fmt: skip
    connection.execute(START, facts)
