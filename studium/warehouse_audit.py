"""The marts against what they are made from, told again without dbt: counts, sample learners, how far the data reaches.

Only comparisons stand here; what a number means is said in dbt/models, once for all who read it. The replay takes other
roll-ups than dbt does (sessions and named events instead of days), so that it cannot repeat a mistake of theirs.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

COUNTS = {
    "dim_modules": ("count(*)", "modules as r", "count(*)"),
    "fct_enrolments": ("count(*)", "enrolments as r", "count(distinct user_id)"),
    "fct_quiz_attempts": ("count(*)", "quiz_attempts as r", "count(*) filter (where not is_preview)"),
    "fct_question_responses": (
        "count(*)",
        "question_attempts as r join raw.quiz_attempts as a using (site_id, course_id, attempt_id)",
        "count(*) filter (where not a.is_preview)",
    ),
    "fct_grades": ("count(*)", "grades as r", "count(final_grade)"),
    "fct_completions": ("count(*)", "completions as r", "count(*)"),
    "fct_activity_daily": ("sum(events + noise_events)", "activity_events_daily as r", "sum(events)"),
}
"""Of each mart: what is counted, the table of `raw` it must agree with, and what is counted there."""


@dataclass(frozen=True)
class Count:
    """How much of a course a mart holds, and how much there is."""

    course_id: str
    in_mart: int
    in_raw: int


def count_by_course(connection: Connection, mart: str) -> list[Count]:
    """The counts of one mart and of `raw` for every course that has been loaded."""
    counted, table, there = COUNTS[mart]
    with connection.cursor(row_factory=class_row(Count)) as cursor:
        return cursor.execute(
            f"""
            with m as (select course_id, {counted} as n from marts.{mart} group by 1),
                 r as (select r.site_id || ':' || r.course_id as course_id, {there} as n from raw.{table} group by 1)
            select c.site_id || ':' || c.course_id as course_id,
                   coalesce(m.n, 0)::bigint as in_mart, coalesce(r.n, 0)::bigint as in_raw
            from raw.courses as c
            left join m on m.course_id = c.site_id || ':' || c.course_id
            left join r on r.course_id = c.site_id || ':' || c.course_id
            order by 1
            """  # noqa: S608 - names of this module's own
        ).fetchall()


@dataclass(frozen=True)
class Standing:
    """What is said of one learner in one course."""

    modules_total: int
    modules_completed: int
    active_minutes: Decimal
    active_days: int
    last_active_date: date | None
    grade_pct: Decimal | None


@dataclass(frozen=True)
class Replay:
    """A learner's numbers as the mart has them and as the landed rows give them."""

    learner_id: str
    course_id: str
    shown: Standing
    replayed: Standing

    @property
    def agrees(self) -> bool:
        """Whether they are the same, but for minutes, which the mart rounds once a module and day."""
        gap = abs(self.shown.active_minutes - self.replayed.active_minutes)
        rounding = Decimal("0.01") * (1 + self.replayed.active_days * max(self.replayed.modules_total, 50))
        minutes = self.shown.active_minutes
        return gap <= rounding and _with_minutes(self.replayed, minutes) == self.shown


def _with_minutes(standing: Standing, minutes: Decimal) -> Standing:
    return Standing(**{**vars(standing), "active_minutes": minutes})


SAMPLE = """
select learner_id, course_id, modules_total, modules_completed, active_minutes, active_days, last_active_date, grade_pct
from (
    select *, row_number() over (partition by course_id order by md5(learner_id || course_id)) as place
    from marts.learner_progress
) as p
where place <= %s
order by course_id, place
"""
MODULES = """
with recursive places as (
    select s.site_id, s.section_id, s.is_visible, array[s.availability] as conditions
    from raw.sections as s where s.parent_module is null
    union all
    select s.site_id, s.section_id, p.is_visible and m.is_visible and s.is_visible,
           p.conditions || m.availability || s.availability
    from raw.sections as s
    join raw.modules as m on m.site_id = s.site_id and m.cmid = s.parent_module
    join places as p on p.site_id = m.site_id and p.section_id = m.section_id
)
select m.cmid, p.conditions || m.availability as conditions, c.state
from raw.modules as m
join places as p using (site_id, section_id)
left join raw.completions as c on c.site_id = m.site_id and c.cmid = m.cmid and c.user_id = %(user)s
where m.site_id = %(site)s and m.course_id = %(course)s
  and m.completion_mode <> 0 and m.is_visible and p.is_visible
"""
GROUP_TYPES = {"group", "grouping"}
GROUPS = (
    "select group_id from raw.group_members where site_id = %(site)s and course_id = %(course)s and user_id = %(user)s"
)
GROUPINGS = """
select i.grouping_id from raw.group_members as g join raw.grouping_groups as i using (site_id, group_id)
where g.site_id = %(site)s and g.course_id = %(course)s and g.user_id = %(user)s
"""
SECONDS = """
select coalesce(sum(active_seconds), 0) from raw.activity_sessions
where site_id = %(site)s and course_id = %(course)s and user_id = %(user)s
"""
DAYS = """
select count(distinct day), max(day) from raw.activity_events_daily
where site_id = %(site)s and course_id = %(course)s and user_id = %(user)s and origin in ('web', 'ws')
"""
TOTAL = """
select case when not bool_or(i.is_hidden or g.is_hidden)
       then max(round(100 * g.final_grade / nullif(coalesce(g.grade_max, i.grade_max), 0), 2))
            filter (where i.item_type = 'course') end
from raw.grades as g
join raw.grade_items as i using (site_id, grade_item_id)
where g.site_id = %(site)s and g.course_id = %(course)s and g.user_id = %(user)s and g.final_grade is not null
"""


def replay_learners(connection: Connection, learners_per_course: int) -> list[Replay]:
    """Work out a few learners of every course anew, always the same ones, from landed rows alone."""
    with connection.cursor(row_factory=dict_row) as cursor:
        sample = cursor.execute(SAMPLE, [learners_per_course]).fetchall()
    replays = []
    for row in sample:
        learner_id, course_id = row.pop("learner_id"), row.pop("course_id")
        replays.append(Replay(learner_id, course_id, Standing(**row), _replay(connection, learner_id, course_id)))
    return replays


def _replay(connection: Connection, learner_id: str, course_id: str) -> Standing:
    site, _, user = learner_id.rpartition(":")
    who = {"site": site, "user": int(user), "course": int(course_id.rpartition(":")[2])}
    groups = {group for (group,) in connection.execute(GROUPS, who)}
    groupings = {grouping for (grouping,) in connection.execute(GROUPINGS, who)}
    modules = [
        state for _, conditions, state in connection.execute(MODULES, who) if _lets_in(conditions, groups, groupings)
    ]
    (seconds,) = connection.execute(SECONDS, who).fetchone() or (0,)
    days, last = connection.execute(DAYS, who).fetchone() or (0, None)
    (grade,) = connection.execute(TOTAL, who).fetchone() or (None,)
    completed = sum(1 for state in modules if state)
    return Standing(len(modules), completed, Decimal(seconds) / 60, days, last, grade)


def _lets_in(conditions: list[dict[str, Any] | None], groups: set[int], groupings: set[int]) -> bool:
    """Whether everything holds that the conditions ask of groups alone; mixed with others, only what must hold."""
    demands = []
    for condition in filter(None, conditions):
        if _types(condition) <= GROUP_TYPES:
            demands.append(condition)
        elif condition.get("op") == "&":
            demands += [part for part in condition["c"] if _types(part) <= GROUP_TYPES]
    return all(_holds(demand, groups, groupings) for demand in demands)


def _types(part: dict[str, Any]) -> set[str]:
    """The kinds of condition a tree of Moodle's is made of."""
    return {part["type"]} if "type" in part else set[str]().union(*map(_types, part.get("c", [])))


def _holds(part: dict[str, Any], groups: set[int], groupings: set[int]) -> bool:
    if part.get("type") == "group":
        return part["id"] in groups if "id" in part else bool(groups)
    if part.get("type") == "grouping":
        return part.get("id") in groupings
    inner = [_holds(child, groups, groupings) for child in part["c"]]
    held = any(inner) if part["op"].endswith("|") else all(inner)
    return not inner or held is not part["op"].startswith("!")


@dataclass(frozen=True)
class Reach:
    """How far a course's data goes: what has landed, and what the marts show."""

    course_id: str
    landed_until: datetime
    shown_until: datetime | None

    @property
    def is_behind(self) -> bool:
        """Whether something landed that the marts do not show."""
        return self.shown_until is None or self.shown_until < self.landed_until


REACH = """
select c.site_id || ':' || c.course_id as course_id,
       greatest(c.backup_at, (select max(to_at) from raw.log_imports as i
                              where i.site_id = c.site_id and i.course_id = c.course_id)) as landed_until,
       d.as_of_at as shown_until
from raw.courses as c
left join marts.dim_courses as d on d.course_id = c.site_id || ':' || c.course_id
order by 1
"""


def reach_by_course(connection: Connection) -> list[Reach]:
    """How far every course's data goes."""
    with connection.cursor(row_factory=class_row(Reach)) as cursor:
        return cursor.execute(REACH).fetchall()
