"""How somebody wants to study a course, and the rules and days that follow from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.days import local_day
from studium.learning.balancing import EVERY_DAY
from studium.learning.limits import zone_of
from studium.learning.scheduling import DEFAULT_PARAMETERS, Rules
from studium.wire.cards import StudySettings

READ = """
select nullif(course_id, '') as course_id, scheduler, desired_retention, new_per_day, easy_days, target_exam_date,
    minutes_a_day
from app.study_settings where account_id = %s and course_id = %s
"""
CHANGE = """
insert into app.study_settings (account_id, course_id, scheduler, desired_retention, new_per_day, easy_days,
                                target_exam_date, minutes_a_day, updated_at)
values (%(account)s, %(course)s, %(scheduler)s, %(desired_retention)s, %(new_per_day)s, %(easy_days)s,
        %(target_exam_date)s, %(minutes_a_day)s, %(moment)s)
on conflict (account_id, course_id) do update
set scheduler = excluded.scheduler, desired_retention = excluded.desired_retention, new_per_day = excluded.new_per_day,
    easy_days = excluded.easy_days, target_exam_date = excluded.target_exam_date,
    minutes_a_day = excluded.minutes_a_day, updated_at = excluded.updated_at
"""
TERMS = """
select nullif(w.course_id, '') as course_id, a.timezone, p.parameters, s.scheduler, s.desired_retention, s.easy_days
from app.accounts as a
cross join unnest(%(courses)s::text[]) as w (course_id)
left join app.memory_parameters as p on a.account_id = p.account_id
left join app.study_settings as s on a.account_id = s.account_id and s.course_id = w.course_id
where a.account_id = %(account)s
"""


@dataclass(frozen=True)
class Terms:
    """What holds for somebody's cards of one course."""

    rules: Rules
    easy_days: tuple[int, ...]
    zone: ZoneInfo

    def today(self, moment: datetime) -> date:
        """The learner's own day."""
        return local_day(moment, self.zone)


def read(connection: Connection, account_id: UUID, course_id: str | None) -> StudySettings:
    """The settings of a course, or of cards of none; the defaults where nobody chose."""
    with connection.cursor(row_factory=class_row(StudySettings)) as cursor:
        found = cursor.execute(READ, [account_id, course_id or ""]).fetchone()
    return found or StudySettings(course_id=course_id)


def change(
    connection: Connection, account_id: UUID, course_id: str | None, wanted: dict[str, Any], moment: datetime
) -> StudySettings:
    """Choose what `wanted` names; what it does not name stays."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('app.study_settings' || %s, 0))", [account_id])
    chosen = read(connection, account_id, course_id).model_copy(update=wanted)
    facts = {**chosen.model_dump(), "account": account_id, "course": course_id or "", "moment": moment}
    connection.execute(CHANGE, facts)
    return chosen


def terms_of(connection: Connection, account_id: UUID, courses: Iterable[str | None]) -> dict[str | None, Terms]:
    """What holds for the account's cards of each of the courses."""
    facts = {"account": account_id, "courses": sorted({course or "" for course in courses})}
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["course_id"]: terms(row) for row in cursor.execute(TERMS, facts)}


def terms(row: dict[str, Any]) -> Terms:
    """The terms that a row of accounts, parameters and settings says; what is null there is the default."""
    rules = Rules(
        row.get("scheduler") or "fsrs",
        tuple(row.get("parameters") or DEFAULT_PARAMETERS),
        row.get("desired_retention") or Rules.desired_retention,
    )
    return Terms(rules, tuple(row.get("easy_days") or EVERY_DAY), zone_of(row.get("timezone")))
