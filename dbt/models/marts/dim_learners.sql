with people as (
    select * from {{ ref('stg_moodle__users') }}
),

enrolled as (
    select
        learner_id,
        (array_agg(role order by {{ rank_of_role('role') }}, role))[1] as role,
        array_agg(course_id order by course_id) as course_ids
    from {{ ref('int_learners__enrolled') }}
    group by learner_id
)

select
    people.learner_id,
    people.site_id,
    coalesce(people.full_name, people.username, people.learner_id) as full_name,
    people.email,
    people.username,
    coalesce(enrolled.role, 'none') as role,
    coalesce(enrolled.course_ids, '{}') as course_ids
from people
left join enrolled on people.learner_id = enrolled.learner_id
