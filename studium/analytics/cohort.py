"""A course at a glance for those who teach it, from marts."""

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.analytics import keyset
from studium.wire.analytics import (
    Cohort,
    CohortLearner,
    EngagementWeek,
    HardQuestion,
    ModuleCompletion,
    QuizResult,
)
from studium.wire.base import Page

MOST_QUIET = 100
HARDEST = 10

COURSE = """
select c.course_id, c.as_of_at as as_of, c.learners, c.quiet_after_days,
    (select count(distinct learner_id) from marts.fct_activity_daily a
     where a.course_id = c.course_id and a.role = 'student' and a.events > 0
       and a.activity_date > c.as_of_date - 7) as active_last_week,
    (select round(avg(completion_pct), 2) from marts.learner_progress p
     where p.course_id = c.course_id and p.is_active) as mean_completion_pct,
    (select round(avg(grade_pct), 2) from marts.learner_progress p
     where p.course_id = c.course_id and p.is_active) as mean_grade_pct,
    (select count(*) from marts.fct_item_facility f
     where f.course_id = c.course_id and f.is_withheld) as questions_withheld
from marts.dim_courses c where c.course_id = %(course)s
"""
WEEKS = """
select week_start, learners_active, learners_enrolled, events, sessions, active_minutes, completions, is_withheld
from marts.course_engagement_weekly where course_id = %(course)s order by week_start
"""
MODULES = """
with ways as (
    select lm.module_id, count(*) as learners, count(*) filter (where lm.is_complete) as completed
    from marts.fct_learner_modules lm
    join marts.fct_enrolments e on e.learner_id = lm.learner_id and e.course_id = lm.course_id
    where lm.course_id = %(course)s and e.is_active
    group by lm.module_id
)
select m.module_id, m.module_name as name, m.modname, m.section_name, m.section_number, m.due_at,
       coalesce(w.learners, 0) as learners, coalesce(w.completed, 0) as completed,
       round(100.0 * w.completed / w.learners, 2) as completed_pct
from marts.dim_modules m
left join ways w using (module_id)
where m.course_id = %(course)s and m.counts_for_completion
order by m.position
"""
QUIZZES = """
with attempts as (
    select a.* from marts.fct_quiz_attempts a
    join marts.fct_enrolments e
        on e.learner_id = a.learner_id and e.course_id = a.course_id and e.role = 'student'
    where a.course_id = %(course)s
),
best as (
    select module_id, learner_id, max(grade_pct) as grade_pct from attempts where state = 'finished' group by 1, 2
),
results as (
    select module_id, count(*) as learners, avg(grade_pct) as mean, min(grade_pct) as lowest, max(grade_pct) as highest,
           percentile_cont(0.5) within group (order by grade_pct) as median
    from best group by module_id
)
select m.module_id, m.module_name as name,
       (select count(*) from attempts a where a.module_id = m.module_id and a.state = 'finished') as attempts,
       (select count(*) from attempts a where a.module_id = m.module_id and a.state <> 'finished') as in_progress,
       coalesce(r.learners, 0) as learners, round(r.mean, 2) as mean_pct, round(r.median::numeric, 2) as median_pct,
       r.lowest as lowest_pct, r.highest as highest_pct
from marts.dim_modules m
left join results r using (module_id)
where m.course_id = %(course)s and m.modname = 'quiz'
order by m.position
"""
QUESTIONS = """
select f.module_id, m.module_name, m.module_url as url, f.question_id, f.slot,
       coalesce(f.question_text, f.question_name, 'Question ' || f.slot) as text, f.learners,
       f.facility_pct, f.facility_low_pct, f.facility_high_pct
from marts.fct_item_facility f
join marts.dim_modules m using (module_id)
where f.course_id = %(course)s and not f.is_withheld
order by f.facility_pct, m.position, f.slot, f.question_id limit %(hardest)s
"""
PEOPLE = """
select p.learner_id, l.full_name, l.email, coalesce(e.group_names, '{}') as group_names, p.completion_pct, p.grade_pct,
       p.active_minutes, p.active_days, p.last_active_date, p.days_quiet as quiet_days, p.quiet_reason,
       p.quiet_reason is not null as is_quiet
from marts.learner_progress p
join marts.dim_learners l using (learner_id)
join marts.fct_enrolments e on e.learner_id = p.learner_id and e.course_id = p.course_id
where p.course_id = %(course)s
"""


def read_cohort(connection: Connection, course_id: str) -> Cohort | None:
    """A course's cohort as far as the bound account may see it; `None` when there is no such course."""
    course = {"course": course_id}
    with connection.cursor(row_factory=dict_row) as cursor:
        head = cursor.execute(COURSE, course).fetchone()
    if head is None:
        return None
    with connection.cursor(row_factory=class_row(EngagementWeek)) as weeks:
        weekly = weeks.execute(WEEKS, course).fetchall()
    with connection.cursor(row_factory=class_row(ModuleCompletion)) as modules:
        completed = modules.execute(MODULES, course).fetchall()
    with connection.cursor(row_factory=class_row(QuizResult)) as quizzes:
        results = quizzes.execute(QUIZZES, course).fetchall()
    with connection.cursor(row_factory=class_row(HardQuestion)) as questions:
        hardest = questions.execute(QUESTIONS, course | {"hardest": HARDEST}).fetchall()
    with connection.cursor(row_factory=class_row(CohortLearner)) as people:
        quiet = people.execute(
            f"{PEOPLE} and p.quiet_reason is not null "
            f"order by p.days_quiet desc nulls first, l.full_name, p.learner_id limit {MOST_QUIET}",
            course,
        ).fetchall()
    return Cohort(**head, quiet=quiet, weeks=weekly, modules=completed, quizzes=results, questions=hardest)


def list_learners(connection: Connection, course_id: str, after: str | None, limit: int) -> Page[CohortLearner]:
    """The people of a cohort by name."""
    seen = keyset.unpack(after, str, str) or ("", "")
    with connection.cursor(row_factory=class_row(CohortLearner)) as cursor:
        rows = cursor.execute(
            f"{PEOPLE} and (%(first)s or (l.full_name, p.learner_id) > (%(name)s, %(id)s)) "
            "order by l.full_name, p.learner_id limit %(limit)s",
            {"course": course_id, "first": after is None, "name": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page(rows, limit, lambda learner: (learner.full_name, learner.learner_id))
