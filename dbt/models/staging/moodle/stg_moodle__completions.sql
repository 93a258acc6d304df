select
    {{ moodle_key('cmid') }} as module_id,
    {{ moodle_key('user_id') }} as learner_id,
    {{ moodle_key('course_id') }} as course_id,
    case state
        when 0 then 'incomplete'
        when 1 then 'complete'
        when 2 then 'passed'
        when 3 then 'failed'
        -- 4: failed, while the grade is still hidden from the learner
        when 4 then 'failed'
    end as completion_state,
    completed_at
from {{ source('moodle', 'completions') }}
