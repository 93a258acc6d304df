select
    {{ moodle_key('attempt_id') }} as attempt_id,
    {{ moodle_key('cmid') }} as module_id,
    {{ moodle_key('course_id') }} as course_id,
    {{ moodle_key('user_id') }} as learner_id,
    attempt_number,
    state,
    is_preview,
    started_at,
    finished_at,
    sum_grades as marks
from {{ source('moodle', 'quiz_attempts') }}
