select
    completions.learner_id,
    completions.course_id,
    completions.module_id,
    completions.completion_state <> 'incomplete' as is_complete,
    completions.completion_state,
    completions.completed_at,
    (completions.completed_at at time zone courses.timezone)::date as completed_date
from {{ ref('stg_moodle__completions') }} as completions
left join {{ ref('int_courses__dated') }} as courses on completions.course_id = courses.course_id
