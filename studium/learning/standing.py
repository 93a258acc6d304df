"""Where a learner stands in a course just now, as `next_step` weighs it: read in the account's own transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.content.catalogue import open_url
from studium.days import day_start, local_day
from studium.learning import next_step, scheduling, study_settings
from studium.learning.limits import is_due, new_left
from studium.learning.mastery import read_mastery
from studium.learning.next_step import PageToRead, Today, TopicState
from studium.wire.mastery import NextSteps

MOST_WEIGHED = 2000
"""Cards whose recall is worked out; of more, those due first tell enough."""
PAUSE = timedelta(minutes=6)
"""Between two acts without it, somebody goes on."""
LOOKED_BACK = timedelta(hours=6)
LATELY = timedelta(days=60)
READABLE = ["page", "book", "resource", "lesson", "url", "folder", "label"]

DUE = """
select c.topic_id, c.memory, c.due_at, c.last_reviewed_at
from app.cards as c
where c.account_id = app.current_account() and c.course_id = %(course)s and c.deleted_at is null
    and c.suspended_at is null and (c.buried_until is null or c.buried_until <= %(today)s) and c.due_at < %(tomorrow)s
order by c.due_at
"""
NEW = """
select count(*) filter (where c.memory is null and c.suspended_at is null
    and (c.buried_until is null or c.buried_until <= %(today)s)) as waiting,
    (select count(*) from app.card_reviews as r
     where r.account_id = app.current_account() and r.course_id = %(course)s and r.memory_before is null
         and r.undone_at is null and r.reviewed_at >= %(midnight)s and r.source = 'review') as begun
from app.cards as c
where c.account_id = app.current_account() and c.course_id = %(course)s and c.deleted_at is null
"""
QUESTIONS = """
select q.topic_id, count(*) from app.practice_questions as q
where q.course_id = %(course)s and q.retired_at is null and q.topic_id is not null
group by q.topic_id
"""
PAGES = """
select distinct on (m.section_id) m.section_id as topic_id, m.module_name as title, m.module_url as url, m.due_at
from marts.fct_learner_modules as lm
inner join marts.dim_modules as m using (module_id)
where lm.learner_id in (select app.current_learner_ids()) and lm.course_id = %(course)s
    and lm.next_place is not null and m.modname = any(%(readable)s)
order by m.section_id, lm.next_place
"""
# the document most of what was lately answered wrongly was made of
MISSED = """
with missed as (
    select k.topic_id, k.document_id, 'review:' || r.review_id as evidence_id
    from app.card_reviews as r inner join app.cards as k on r.card_id = k.card_id
    where r.account_id = app.current_account() and r.reviewed_at > %(lately)s and r.rating = 1 and r.undone_at is null
        and k.course_id = %(course)s
    union all
    select q.topic_id, q.document_id, 'attempt:' || a.attempt_id
    from app.practice_attempts as a inner join app.practice_questions as q on a.question_id = q.question_id
    where a.account_id = app.current_account() and a.answered_at > %(lately)s and a.fraction < 0.5
        and a.course_id = %(course)s
)

select distinct on (m.topic_id) m.topic_id, d.document_id, d.title
from missed as m inner join content.documents as d on m.document_id = d.document_id
where m.evidence_id not in (
    select c.evidence_id from app.contested_evidence as c where c.account_id = app.current_account()
)
group by m.topic_id, d.document_id, d.title
order by m.topic_id, count(*) desc, d.document_id
"""
ACTS = """
select r.reviewed_at from app.card_reviews as r
where r.account_id = app.current_account() and r.source = 'review' and r.reviewed_at > %(since)s
union all
select a.answered_at from app.practice_attempts as a
where a.account_id = app.current_account() and a.answered_at > %(since)s
"""
MINUTES = """
select coalesce(sum(s.duration_seconds), 0) / 60 from app.study_sessions as s
where s.account_id = app.current_account() and s.course_id = %(course)s and s.started_at >= %(midnight)s
"""


def read_next_steps(connection: Connection, account_id: UUID, course_id: str, moment: datetime) -> NextSteps:
    """What the account should do next in a course, and why."""
    settings = study_settings.read(connection, account_id, course_id)
    terms = study_settings.terms_of(connection, account_id, [course_id])[course_id]
    today = local_day(moment, terms.zone)
    where = {
        "course": course_id,
        "today": today,
        "midnight": day_start(today, terms.zone),
        "tomorrow": day_start(today + timedelta(days=1), terms.zone),
        "since": moment - LOOKED_BACK,
        "lately": moment - LATELY,
        "readable": READABLE,
    }
    due = [card for card in _rows(connection, DUE, where) if _is_due(card, moment, terms)]
    topics = _topics(connection, course_id, due, moment, terms, where)
    [new] = _rows(connection, NEW, where)
    [(minutes,)] = connection.execute(MINUTES, where).fetchall()
    exam = settings.target_exam_date
    known = {topic.mastery.topic_id for topic in topics}
    day = Today(
        minutes=int(minutes),
        minutes_a_day=settings.minutes_a_day,
        unbroken_minutes=unbroken([at for (at,) in connection.execute(ACTS, where).fetchall()], moment),
        exam_in_days=(exam - today).days if exam and exam >= today else None,
        loose_due_cards=sum(card["topic_id"] not in known for card in due),
        new_cards=min(new["waiting"], new_left(settings.new_per_day, new["begun"], settings.easy_days, today)),
    )
    return NextSteps(
        course_id=course_id,
        steps=next_step.next_steps(topics, day),
        minutes_today=day.minutes,
        minutes_a_day=day.minutes_a_day,
        exam_in_days=day.exam_in_days,
    )


def unbroken(acts: Sequence[datetime], moment: datetime) -> int:
    """For how many minutes up to `moment` somebody has gone on without a pause; 0 when they are not at it."""
    begun = moment
    for act in sorted(acts, reverse=True):
        if begun - act > PAUSE:
            break
        begun = min(begun, act)
    return int((moment - begun) / timedelta(minutes=1))


def _is_due(card: dict[str, Any], moment: datetime, terms: study_settings.Terms) -> bool:
    return is_due(card["due_at"], card["last_reviewed_at"], moment, terms.zone)


def _topics(
    connection: Connection,
    course_id: str,
    due: Sequence[dict[str, Any]],
    moment: datetime,
    terms: study_settings.Terms,
    where: dict[str, Any],
) -> list[TopicState]:
    recalls: dict[str | None, list[float]] = defaultdict(list)
    for card in due[:MOST_WEIGHED]:
        recall = scheduling.predicted_recall(card["memory"], moment, terms.rules.parameters)
        if recall is not None:
            recalls[card["topic_id"]].append(recall)
    counts: dict[str | None, int] = defaultdict(int)
    for card in due:
        counts[card["topic_id"]] += 1
    questions: dict[str, int] = dict(connection.execute(QUESTIONS, where).fetchall())
    pages = {**_missed(connection, where), **_unread(connection, where, moment)}
    return [
        TopicState(
            mastery=topic,
            due_cards=counts[topic.topic_id],
            recall=fmean(recalls[topic.topic_id]) if recalls[topic.topic_id] else None,
            questions=questions.get(topic.topic_id, 0),
            page=pages.get(topic.topic_id),
        )
        for topic in read_mastery(connection, course_id).topics
    ]


def _unread(connection: Connection, where: dict[str, Any], moment: datetime) -> dict[str, PageToRead]:
    return {
        row["topic_id"]: PageToRead(
            row["title"], row["url"], due_in_days=(row["due_at"] - moment).days if row["due_at"] else None
        )
        for row in _rows(connection, PAGES, where)
    }


def _missed(connection: Connection, where: dict[str, Any]) -> dict[str, PageToRead]:
    return {
        row["topic_id"]: PageToRead(row["title"], open_url(row["document_id"]), is_new=False)
        for row in _rows(connection, MISSED, where)
    }


def _rows(connection: Connection, statement: Any, where: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, where).fetchall()
