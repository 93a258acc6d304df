"""A learner's way through a course, from marts. Row-level security decides whose rows there are to read."""

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.wire.analytics import ActivityDay, ModuleProgress, Progress, QuizAttempt

LEARNER = """
select p.course_id, p.learner_id, l.full_name, c.as_of_at as as_of, p.modules_total, p.modules_completed,
       p.completion_pct, p.active_minutes, p.active_days, p.last_active_date, p.grade_pct
from marts.learner_progress p
join marts.dim_courses c using (course_id)
join marts.dim_learners l using (learner_id)
where p.course_id = %(course)s
  and case when %(learner)s::text is null then p.learner_id in (select app.current_learner_ids())
           else p.learner_id = %(learner)s end
order by p.learner_id limit 1
"""
DAYS = """
select activity_date, sum(events) as events, sum(sessions) as sessions, sum(active_minutes) as active_minutes
from marts.fct_activity_daily
where course_id = %(course)s and learner_id = %(learner)s and events > 0
group by activity_date order by activity_date
"""
# A module the caller would not be shown now is not in dim_modules for them. Whether a further condition lets somebody
# else in, who looks on cannot know: gated modules are proposed to the learner alone.
MODULES = """
select m.module_id, m.module_name as name, m.modname, m.section_name, m.section_number, m.module_url as url, m.due_at,
       coalesce(lm.is_overdue, false) as is_overdue, coalesce(c.is_complete, false) as is_complete, c.completed_at,
       case when not lm.is_gated or lm.learner_id in (select app.current_learner_ids()) then lm.next_place end
           as next_place,
       g.grade, g.grade_max
from marts.dim_modules m
left join marts.fct_learner_modules lm on lm.module_id = m.module_id and lm.learner_id = %(learner)s
left join marts.fct_completions c
    on c.module_id = m.module_id and c.learner_id = %(learner)s and c.course_id = m.course_id
left join lateral (
    select grade, grade_max from marts.fct_grades
    where course_id = m.course_id and module_id = m.module_id and learner_id = %(learner)s and item_type = 'mod'
    order by graded_at desc nulls last, grade_id limit 1
) g on true
where m.course_id = %(course)s and (lm.module_id is not null or g.grade is not null)
order by m.position
"""
ATTEMPTS = """
select a.module_id, m.module_name, a.attempt_number, a.state, a.started_at, a.finished_at,
       a.grade, a.grade_max, a.grade_pct
from marts.fct_quiz_attempts a
join marts.dim_modules m using (module_id)
where a.course_id = %(course)s and a.learner_id = %(learner)s
order by a.started_at, a.attempt_id
"""


def read_progress(connection: Connection, course_id: str, learner_id: str | None = None) -> Progress | None:
    """One learner's progress: the bound account's own, or that of a learner it may see. `None` when there is none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        learner = cursor.execute(LEARNER, {"course": course_id, "learner": learner_id}).fetchone()
    if learner is None:
        return None
    who = {"course": course_id, "learner": learner["learner_id"]}
    with connection.cursor(row_factory=class_row(ActivityDay)) as days:
        daily = days.execute(DAYS, who).fetchall()
    with connection.cursor(row_factory=class_row(ModuleProgress)) as modules:
        by_module = modules.execute(MODULES, who).fetchall()
    with connection.cursor(row_factory=class_row(QuizAttempt)) as attempts:
        tried = attempts.execute(ATTEMPTS, who).fetchall()
    proposed = [module for module in by_module if module.next_place]
    following = min(proposed, key=lambda module: module.next_place or 0, default=None)
    return Progress(**learner, next_module=following, days=daily, modules=by_module, quiz_attempts=tried)
