-- Who has gone quiet is said against the course's own last day, never against today.
with learners as (
    select * from {{ ref('int_learners__enrolled') }}
    where role = 'student'
),

courses as (
    select
        course_id,
        as_of_date
    from {{ ref('dim_courses') }}
),

days as (
    select
        learner_id,
        course_id,
        activity_date,
        sum(active_minutes) as active_minutes
    from {{ ref('fct_activity_daily') }}
    where events > 0 and role = 'student'
    group by learner_id, course_id, activity_date
),

logged as (
    select
        course_id,
        min(activity_date) as first_date
    from days
    group by course_id
),

sums as (
    select
        learners.learner_id,
        learners.course_id,
        learners.is_active,
        courses.as_of_date,
        logged.first_date as logged_from,
        coalesce(sum(days.active_minutes), 0) as active_minutes,
        count(days.activity_date)::integer as active_days,
        max(days.activity_date) as last_active_date,
        coalesce(sum(days.active_minutes) filter (
            where days.activity_date > courses.as_of_date - {{ var('quiet_after_days') }}
        ), 0) as recent_minutes
    from learners
    inner join courses on learners.course_id = courses.course_id
    left join logged on learners.course_id = logged.course_id
    left join days on learners.learner_id = days.learner_id and learners.course_id = days.course_id
    group by learners.learner_id, learners.course_id, learners.is_active, courses.as_of_date, logged.first_date
),

usual as (
    select
        *,
        -- minutes in as many days as "recent" has, over the time before
        (active_minutes - recent_minutes) * {{ var('quiet_after_days') }}
        / nullif(greatest(as_of_date - {{ var('quiet_after_days') }} - logged_from + 1, 0), 0) as usual_minutes
    from sums
)

select
    learner_id,
    course_id,
    is_active,
    active_minutes,
    active_days,
    last_active_date,
    as_of_date - last_active_date as days_quiet,
    case
        -- without a log nobody can be told from a quiet learner; a suspended one is not expected
        when logged_from is null or not is_active then null
        when last_active_date is null then 'never_came'
        when as_of_date - last_active_date >= {{ var('quiet_after_days') }} then 'stayed_away'
        when recent_minutes < usual_minutes * {{ var('slowing_share') }} then 'slowing_down'
    end as quiet_reason
from usual
