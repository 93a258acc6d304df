with weeks as (
    select * from {{ ref('int_course_weeks__spanned') }}
),

courses as (
    select
        course_id,
        learners as learners_enrolled
    from {{ ref('dim_courses') }}
),

students as (
    select
        learner_id,
        course_id
    from {{ ref('fct_enrolments') }}
    where role = 'student'
),

by_learner as (
    select
        course_id,
        learner_id,
        date_trunc('week', activity_date::timestamp)::date as week_start,
        sum(events) as events,
        sum(sessions) as sessions,
        sum(active_minutes) as active_minutes
    from {{ ref('fct_activity_daily') }}
    where role = 'student' and events > 0
    group by course_id, learner_id, week_start
),

activity as (
    select
        course_id,
        week_start,
        count(*) as learners_active,
        sum(events) as events,
        sum(sessions) as sessions,
        sum(active_minutes) as active_minutes
    from by_learner
    group by course_id, week_start
),

completions as (
    select
        completions.course_id,
        date_trunc('week', completions.completed_date::timestamp)::date as week_start,
        count(distinct completions.learner_id) as learners_completing,
        count(*) as completions
    from {{ ref('fct_completions') }} as completions
    inner join students
        on completions.learner_id = students.learner_id and completions.course_id = students.course_id
    where completions.is_complete
    group by completions.course_id, week_start
),

weekly as (
    select
        weeks.course_id,
        weeks.week_start,
        courses.learners_enrolled,
        coalesce(activity.learners_active, 0) as learners_active,
        coalesce(activity.events, 0) as events,
        coalesce(activity.sessions, 0) as sessions,
        coalesce(activity.active_minutes, 0) as active_minutes,
        coalesce(completions.completions, 0) as completions,
        coalesce(activity.learners_active, 0) between 1 and {{ var('smallest_group') }} - 1 as is_activity_withheld,
        coalesce(completions.learners_completing, 0) between 1 and {{ var('smallest_group') }} - 1
            as is_completions_withheld
    from weeks
    inner join courses on weeks.course_id = courses.course_id
    left join activity on weeks.course_id = activity.course_id and weeks.week_start = activity.week_start
    left join completions on weeks.course_id = completions.course_id and weeks.week_start = completions.week_start
)

select
    course_id,
    week_start,
    learners_enrolled,
    learners_active::integer as learners_active,
    case when not is_activity_withheld then events end::bigint as events,
    case when not is_activity_withheld then sessions end::bigint as sessions,
    case when not is_activity_withheld then active_minutes end as active_minutes,
    case when not is_completions_withheld then completions end::bigint as completions,
    is_activity_withheld or is_completions_withheld as is_withheld
from weekly
