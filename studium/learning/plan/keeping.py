"""Plans in the database: who wants one, making it, and what a learner is shown of it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from studium import work
from studium.learning import study_settings
from studium.learning.plan import deck as decks
from studium.learning.plan.choosing import AHEAD
from studium.learning.plan.plan import MINUTES, outlook, terms_for, todays
from studium.wire.cards import StudySettings
from studium.wire.plan import FARTHEST, USUAL_MINUTES, PlanChange, PlanStatus, PlanToday, StudyPlan

SESSION_GAP = timedelta(minutes=10)
"""After so long without an answer a session is over, for a plan."""
WANTED = """
select s.course_id from app.study_settings as s
where s.account_id = %s and s.course_id <> '' and s.target_exam_date is not null
order by s.course_id
"""
KEEP = """
insert into app.study_plans (account_id, course_id, target_exam_date, minutes_a_day, plan, made_at, run_id)
values (%(account)s, %(course)s, %(exam)s, %(minutes)s, %(plan)s, %(moment)s, %(run)s)
on conflict (account_id, course_id) do update
set target_exam_date = excluded.target_exam_date, minutes_a_day = excluded.minutes_a_day, plan = excluded.plan,
    made_at = excluded.made_at, run_id = excluded.run_id
"""
KEPT = """
select p.target_exam_date, p.minutes_a_day, p.plan, p.made_at from app.study_plans as p
where p.account_id = %s and p.course_id = %s
"""
MAKING = """
select exists (
    select from app.work_requests as r
    where r.kind = 'plan' and r.status in ('queued', 'running') and r.payload ->> 'account_id' = %s
)
"""
# Plans that are older than a session which has ended, or than a day; an exam that is over needs none.
DUE = """
select distinct s.account_id::text
from app.study_settings as s
left join app.study_plans as p on s.account_id = p.account_id and s.course_id = p.course_id
left join lateral (
    select max(r.reviewed_at) as at from app.card_reviews as r
    where r.account_id = s.account_id and r.course_id = s.course_id
) as last on true
where s.target_exam_date > %(moment)s::date and s.course_id <> '' and (
    (p.made_at is null and last.at is not null) or p.made_at < %(moment)s - interval '23 hours'
    or (last.at > p.made_at and last.at < %(quiet)s)
)
order by 1
"""
# Without those that are put off to another day.
AWAKE = """
select c.card_id from app.cards as c
where c.card_id = any(%(wanted)s) and (c.buried_until is null or c.buried_until <= %(day)s)
order by array_position(%(wanted)s, c.card_id)
"""


def due(connection: Connection, moment: datetime) -> list[str]:
    """The learners whose plans are to be made anew."""
    return [
        account for (account,) in connection.execute(DUE, {"moment": moment, "quiet": moment - SESSION_GAP}).fetchall()
    ]


def make_all(connection: Connection, account_id: UUID, moment: datetime, run_id: str | None = None) -> dict[str, str]:
    """Make a learner's plans of all courses that want one; what came of each."""
    courses = [course for (course,) in connection.execute(WANTED, [account_id]).fetchall()]
    return {course: make(connection, account_id, course, moment, run_id) for course in courses}


def make(
    connection: Connection, account_id: UUID, course_id: str, moment: datetime, run_id: str | None = None
) -> PlanStatus:
    """Make one plan and keep it in the place of the one before."""
    settings = study_settings.read(connection, account_id, course_id)
    terms = study_settings.terms_of(connection, account_id, [course_id])[course_id]
    today = terms.today(moment)
    status = _status(settings, today)
    if status != "ready":
        return status
    deck = decks.read(connection, account_id, course_id, terms, moment)
    if not deck.ids:
        connection.execute(
            "delete from app.study_plans where account_id = %s and course_id = %s", [account_id, course_id]
        )
        return "no_cards"
    chosen = settings.minutes_a_day or USUAL_MINUTES
    exam = _exam(settings)
    by_minutes = {
        minutes: terms_for(
            deck, today, exam, minutes, settings.easy_days, settings.new_per_day, settings.desired_retention
        )
        for minutes in sorted({*MINUTES, chosen})
    }
    found = outlook(deck, today, chosen, by_minutes, seed=today.toordinal())
    facts = {"account": account_id, "course": course_id, "exam": exam, "minutes": chosen, "moment": moment}
    connection.execute(KEEP, {**facts, "plan": Jsonb(found.model_dump(mode="json")), "run": run_id})
    return "ready"


def read(connection: Connection, account_id: UUID, course_id: str, moment: datetime) -> StudyPlan:
    """The plan as it stands, or why there is none."""
    settings = study_settings.read(connection, account_id, course_id)
    terms = study_settings.terms_of(connection, account_id, [course_id])[course_id]
    [(is_making,)] = connection.execute(MAKING, [str(account_id)]).fetchall()
    minutes = settings.minutes_a_day or USUAL_MINUTES
    facts: dict[str, Any] = {
        "course_id": course_id,
        "target_exam_date": settings.target_exam_date,
        "minutes_a_day": minutes,
        "is_minutes_chosen": settings.minutes_a_day is not None,
        "is_making": is_making,
    }
    status = _status(settings, terms.today(moment))
    if status != "ready":
        return StudyPlan(status=status, **facts)
    with connection.cursor(row_factory=dict_row) as cursor:
        kept = cursor.execute(KEPT, [account_id, course_id]).fetchone()
    if kept is None:
        [(cards,)] = connection.execute(
            "select count(*) from app.cards where account_id = %s and course_id = %s and deleted_at is null",
            [account_id, course_id],
        ).fetchall()
        return StudyPlan(status="waiting" if cards else "no_cards", **facts)
    is_outdated = (kept["target_exam_date"], kept["minutes_a_day"]) != (settings.target_exam_date, minutes)
    return StudyPlan(status="ready", made_at=kept["made_at"], is_outdated=is_outdated, outlook=kept["plan"], **facts)


def change(connection: Connection, account_id: UUID, course_id: str, wanted: PlanChange, moment: datetime) -> StudyPlan:
    """Choose exam and minutes, and have the plan made for them."""
    study_settings.change(connection, account_id, course_id, wanted.model_dump(exclude_unset=True), moment)
    ask(connection, account_id)
    return read(connection, account_id, course_id, moment)


def ask(connection: Connection, account_id: UUID) -> UUID:
    """Have a learner's plans made anew; who asks while that waits joins it."""
    return work.submit(connection, "plan", {"account_id": str(account_id)}, account_id)


def today(connection: Connection, account_id: UUID, course_id: str, moment: datetime) -> PlanToday:
    """The cards of today, by the plan's own rule; without an exam, none."""
    settings = study_settings.read(connection, account_id, course_id)
    terms = study_settings.terms_of(connection, account_id, [course_id])[course_id]
    day = terms.today(moment)
    if _status(settings, day) != "ready":
        return PlanToday(day=day, cards=[], minutes=0)
    deck = decks.read(connection, account_id, course_id, terms, moment)
    minutes = settings.minutes_a_day or USUAL_MINUTES
    bound = terms_for(
        deck, day, _exam(settings), minutes, settings.easy_days, settings.new_per_day, settings.desired_retention
    )
    cards, taken = todays(deck, bound)
    return PlanToday(day=day, cards=cards, minutes=round(taken, 1))


def early(connection: Connection, account_id: UUID, course_id: str, moment: datetime) -> list[UUID]:
    """Cards that are not due, and that are looked at today so that they last to an exam in the coming days."""
    exam = study_settings.read(connection, account_id, course_id).target_exam_date
    day = study_settings.terms_of(connection, account_id, [course_id])[course_id].today(moment)
    if exam is None or not 0 < (exam - day).days <= AHEAD:
        return []
    wanted = [card.card_id for card in today(connection, account_id, course_id, moment).cards if card.why == "early"]
    return [card_id for (card_id,) in connection.execute(AWAKE, {"wanted": wanted, "day": day}).fetchall()]


def _exam(settings: StudySettings) -> date:
    assert settings.target_exam_date is not None  # noqa: S101 - `_status` said so
    return settings.target_exam_date


def _status(settings: StudySettings, today: date) -> PlanStatus:
    if settings.target_exam_date is None:
        return "no_exam"
    left = (settings.target_exam_date - today).days
    if left <= 0:
        return "exam_past"
    return "ready" if left <= FARTHEST else "too_far"
