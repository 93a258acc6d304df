"""What is to be asked now, and in which order: what is being learnt, then what is due, then what is new."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.days import day_start
from studium.learning import showing
from studium.learning.limits import new_left
from studium.learning.plan import keeping
from studium.learning.study_settings import Terms, terms
from studium.wire.cards import DueCards, StudySettings

# The account's courses with cards, how each is studied, and what was begun in it today.
COURSES = """
with courses as (
    select distinct c.course_id from app.cards as c
    where c.account_id = %(account)s and c.deleted_at is null
        and (%(course)s::text is null or c.course_id = %(course)s)
),

today as (
    select r.course_id, count(*) as reviewed, count(*) filter (where r.memory_before is null) as begun
    from app.card_reviews as r
    where r.account_id = %(account)s and r.reviewed_at >= %(morning)s and r.undone_at is null and r.source = 'review'
    group by r.course_id
)

select k.course_id, s.new_per_day, s.easy_days, coalesce(t.begun, 0) as begun, coalesce(t.reviewed, 0) as reviewed
from courses as k
left join app.study_settings as s on s.account_id = %(account)s and s.course_id = coalesce(k.course_id, '')
left join today as t on t.course_id is not distinct from k.course_id
"""
HELD = """
select a.timezone, p.parameters from app.accounts as a
left join app.memory_parameters as p on a.account_id = p.account_id
where a.account_id = %s
"""
# A card of a whole day's interval may come from the morning of its day on (`limits.is_due`). Of a note one card a day
# is asked: its others would be given away by it.
QUEUE = """
with mine as (
    select c.card_id, c.course_id, c.note_id, c.due_at, c.last_reviewed_at, c.created_at,
        case
            when c.due_at is null then 3
            when c.due_at - c.last_reviewed_at < interval '1 day' then 1
            else 2
        end as lane
    from app.cards as c
    where c.account_id = %(account)s and c.deleted_at is null and c.suspended_at is null
        and (c.buried_until is null or c.buried_until <= %(today)s)
        and (%(course)s::text is null or c.course_id = %(course)s)
        and (%(deck)s::uuid is null or c.deck_id = %(deck)s)
        and (%(topic)s::text is null or c.topic_id = %(topic)s)
),

seen as (
    select c.note_id, c.card_id from app.cards as c
    where c.account_id = %(account)s and c.note_id is not null and c.last_reviewed_at >= %(morning)s
),

ripe as (
    select m.*
    from mine as m
    where (m.lane = 3 or m.due_at <= %(moment)s or (m.due_at < %(midnight)s and m.last_reviewed_at <= %(rested)s))
        and (m.lane = 1 or not exists (
            select from seen as s where s.note_id = m.note_id and s.card_id <> m.card_id
        ))
),

single as (
    select r.*, row_number() over (
        partition by coalesce(r.note_id, r.card_id), r.lane = 1 order by r.lane, r.due_at, r.created_at, r.card_id
    ) as of_note
    from ripe as r
),

ranked as (
    select s.*, row_number() over (partition by s.course_id, s.lane order by s.created_at, s.card_id) as number
    from single as s where s.lane = 1 or s.of_note = 1
),

allowed as (
    select r.* from ranked as r
    left join unnest(%(courses)s::text[], %(lefts)s::int[]) as l (course_id, new_left)
        on l.course_id = coalesce(r.course_id, '')
    where r.lane < 3 or r.number <= l.new_left
)

select a.card_id,
    count(*) filter (where a.lane = 1) over () as learning,
    count(*) filter (where a.lane = 2) over () as review,
    count(*) filter (where a.lane = 3) over () as new
from allowed as a
order by a.lane, a.due_at, a.created_at, a.card_id
limit %(limit)s
"""
NEXT = """
select min(c.due_at) from app.cards as c
where c.account_id = %(account)s and c.deleted_at is null and c.suspended_at is null and c.due_at > %(moment)s
    and (%(course)s::text is null or c.course_id = %(course)s)
    and (%(deck)s::uuid is null or c.deck_id = %(deck)s)
    and (%(topic)s::text is null or c.topic_id = %(topic)s)
"""


def due(
    connection: Connection,
    account_id: UUID,
    moment: datetime,
    *,
    course_id: str | None = None,
    topic_id: str | None = None,
    deck_id: UUID | None = None,
    early: bool = False,
    limit: int = 20,
) -> DueCards:
    """The next cards of a course, a topic, a deck, or of all; what each rating would do; and how many there are.

    Args:
        connection: in the caller's transaction.
        account_id: whose.
        moment: now.
        course_id: of this course alone.
        topic_id: of this topic alone.
        deck_id: of this deck alone.
        early: once nothing of a whole course is due, go on with what its plan looks at early.
        limit: how many at most.
    """
    held = _held(connection, account_id)
    today = held.today(moment)
    facts: dict[str, Any] = {
        "account": account_id,
        "course": course_id,
        "topic": topic_id,
        "deck": deck_id,
        "moment": moment,
        "today": today,
        "morning": day_start(today, held.zone),
        "midnight": day_start(today + timedelta(days=1), held.zone),
        "rested": moment - timedelta(days=1),
        "limit": limit,
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        courses = cursor.execute(COURSES, facts).fetchall()
        lefts = {row["course_id"] or "": _left(row, held, moment) for row in courses}
        rows = cursor.execute(QUEUE, {**facts, "courses": list(lefts), "lefts": list(lefts.values())}).fetchall()
    counts = {name: rows[0][name] if rows else 0 for name in ("learning", "review", "new")}
    coming = None if rows else connection.execute(NEXT, facts).fetchone()
    ahead: list[UUID] = []
    if not rows and course_id is not None and topic_id is None and deck_id is None:
        ahead = keeping.early(connection, account_id, course_id, moment)
    asked = [row["card_id"] for row in rows] or (ahead[:limit] if early else [])
    return DueCards(
        cards=showing.by_ids(connection, account_id, asked, moment, with_choices=True),
        new_left_today=sum(lefts.values()),
        reviewed_today=sum(row["reviewed"] for row in courses),
        next_due_at=coming[0] if coming else None,
        early=len(ahead),
        **counts,
    )


def _held(connection: Connection, account_id: UUID) -> Terms:
    with connection.cursor(row_factory=dict_row) as cursor:
        return terms(cursor.execute(HELD, [account_id]).fetchone() or {})


def _left(row: Mapping[str, Any], held: Terms, moment: datetime) -> int:
    usual = StudySettings(course_id=row["course_id"])
    new_per_day = usual.new_per_day if row["new_per_day"] is None else row["new_per_day"]
    return new_left(new_per_day, row["begun"], row["easy_days"] or usual.easy_days, held.today(moment))
