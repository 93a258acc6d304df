with enrolments as (
    select * from {{ ref('stg_moodle__enrolments') }}
),

courses as (
    select
        course_id,
        as_of_at
    from {{ ref('int_courses__dated') }}
),

highest_roles as (
    select distinct on (learner_id, course_id)
        learner_id,
        course_id,
        role
    from {{ ref('stg_moodle__role_assignments') }}
    order by learner_id, course_id, {{ rank_of_role('role') }}, role
),

memberships as (
    select
        members.learner_id,
        course_groups.course_id,
        array_agg(course_groups.group_name order by course_groups.group_name) as group_names
    from {{ ref('stg_moodle__group_members') }} as members
    inner join {{ ref('stg_moodle__groups') }} as course_groups on members.group_id = course_groups.group_id
    group by members.learner_id, course_groups.course_id
),

enrolled as (
    select
        enrolments.learner_id,
        enrolments.course_id,
        bool_or(
            enrolments.is_open
            and coalesce(enrolments.starts_at <= courses.as_of_at, true)
            and coalesce(enrolments.ends_at > courses.as_of_at, true)
        ) as is_active
    from enrolments
    inner join courses on enrolments.course_id = courses.course_id
    group by enrolments.learner_id, enrolments.course_id
)

select
    enrolled.learner_id,
    enrolled.course_id,
    enrolled.is_active,
    coalesce(highest_roles.role, 'none') as role,
    coalesce(memberships.group_names, '{}') as group_names
from enrolled
left join highest_roles
    on enrolled.learner_id = highest_roles.learner_id and enrolled.course_id = highest_roles.course_id
left join memberships
    on enrolled.learner_id = memberships.learner_id and enrolled.course_id = memberships.course_id
