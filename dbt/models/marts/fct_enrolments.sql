select
    enrolled.learner_id,
    enrolled.course_id,
    enrolled.role,
    enrolled.is_active,
    enrolled.group_names,
    people.last_access_at
from {{ ref('int_learners__enrolled') }} as enrolled
left join {{ ref('stg_moodle__users') }} as people on enrolled.learner_id = people.learner_id
