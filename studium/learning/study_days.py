"""When somebody studied a course here, and when its cards come back: counted by their own days."""

from datetime import date, datetime, timedelta
from uuid import UUID

from psycopg import Connection

from studium.days import day_start, local_day
from studium.learning import study_settings
from studium.wire.mastery import DueDay, StudyDay, StudyDays

LOOKED_BACK = timedelta(weeks=26)
AHEAD = 30

DONE = """
select day, sum(cards)::int, sum(questions)::int, (sum(seconds) / 60)::int
from (
    select (reviewed_at at time zone %(zone)s)::date as day, 1 as cards, 0 as questions, 0 as seconds
    from app.card_reviews
    where account_id = app.current_account() and course_id = %(course)s and reviewed_at >= %(since)s
        and undone_at is null
    union all
    select (answered_at at time zone %(zone)s)::date, 0, 1, 0
    from app.practice_attempts
    where account_id = app.current_account() and course_id = %(course)s and answered_at >= %(since)s
    union all
    select (started_at at time zone %(zone)s)::date, 0, 0, duration_seconds
    from app.study_sessions
    where account_id = app.current_account() and course_id = %(course)s and started_at >= %(since)s
) as acts
group by day order by day
"""
DUE = """
select greatest((due_at at time zone %(zone)s)::date, buried_until, %(today)s) as day, count(*)
from app.cards
where account_id = app.current_account() and course_id = %(course)s and deleted_at is null and suspended_at is null
    and memory is not null
group by day order by day
"""
NEW = """
select count(*) from app.cards
where account_id = app.current_account() and course_id = %(course)s and deleted_at is null and suspended_at is null
    and memory is null
"""


def read_study_days(connection: Connection, account_id: UUID, course_id: str, moment: datetime) -> StudyDays:
    """The last half year, and the next thirty days."""
    zone = study_settings.terms_of(connection, account_id, [course_id])[course_id].zone
    today = local_day(moment, zone)
    where = {"course": course_id, "zone": zone.key, "today": today, "since": day_start(today - LOOKED_BACK, zone)}
    done = connection.execute(DONE, where).fetchall()
    due: dict[date, int] = dict(connection.execute(DUE, where).fetchall())
    ahead = [today + timedelta(days=days) for days in range(AHEAD)]
    [(new_cards,)] = connection.execute(NEW, where).fetchall()
    return StudyDays(
        course_id=course_id,
        today=today,
        days=[StudyDay(day=day, cards=cards, questions=asked, minutes=minutes) for day, cards, asked, minutes in done],
        due=[DueDay(day=day, cards=due.get(day, 0)) for day in ahead],
        later=sum(cards for day, cards in due.items() if day > ahead[-1]),
        new_cards=new_cards,
    )
