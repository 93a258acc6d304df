select
    {{ moodle_key('user_id') }} as learner_id,
    {{ moodle_key('course_id') }} as course_id,
    {{ moodle_key('nullif(cmid, 0)') }} as module_id,
    day as activity_date,
    origin,
    user_id > 0 as is_somebody,
    events,
    sessions,
    active_seconds,
    last_at,
    loaded_at
from {{ source('logs', 'activity_daily') }}
