with paced as (
    select * from {{ ref('int_learners__paced') }}
),

modules as (
    select
        learner_id,
        course_id,
        count(*)::integer as modules_total,
        count(*) filter (where is_complete)::integer as modules_completed
    from {{ ref('fct_learner_modules') }}
    group by learner_id, course_id
),

-- Moodle shows no total to a learner while a part of it is hidden from them
totals as (
    select
        learner_id,
        course_id,
        max(grade_pct) filter (where item_type = 'course') as grade_pct,
        bool_or(is_hidden) as is_hidden
    from {{ ref('fct_grades') }}
    group by learner_id, course_id
)

select
    paced.learner_id,
    paced.course_id,
    paced.is_active,
    coalesce(modules.modules_total, 0) as modules_total,
    coalesce(modules.modules_completed, 0) as modules_completed,
    round(100.0 * modules.modules_completed / modules.modules_total, 2) as completion_pct,
    paced.active_minutes,
    paced.active_days,
    paced.last_active_date,
    paced.days_quiet,
    paced.quiet_reason,
    case when not totals.is_hidden then totals.grade_pct end as grade_pct
from paced
left join modules on paced.learner_id = modules.learner_id and paced.course_id = modules.course_id
left join totals on paced.learner_id = totals.learner_id and paced.course_id = totals.course_id
