with activity as (
    select * from {{ ref('stg_logs__daily_activity') }}
),

people as (
    select
        learner_id,
        course_id,
        role
    from {{ ref('int_learners__enrolled') }}
),

courses as (
    select
        course_id,
        backup_at
    from {{ ref('int_courses__dated') }}
),

attributed as (
    select
        activity.learner_id,
        activity.course_id,
        activity.module_id,
        activity.activity_date,
        activity.events,
        activity.sessions,
        activity.active_seconds,
        coalesce(people.role, 'none') as role,
        activity.loaded_at,
        courses.backup_at,
        activity.is_somebody and (
            activity.origin = 'web'
            -- apps and services enter by the same door; a service is nobody's member
            or (activity.origin = 'ws' and people.role is not null)
        ) as is_own_act
    from activity
    inner join courses on activity.course_id = courses.course_id
    left join people on activity.learner_id = people.learner_id and activity.course_id = people.course_id
)

select * from attributed
