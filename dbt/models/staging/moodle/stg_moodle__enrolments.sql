select
    {{ moodle_key('enrolment_id') }} as enrolment_id,
    {{ moodle_key('user_id') }} as learner_id,
    {{ moodle_key('course_id') }} as course_id,
    status = 0 and method_status = 0 as is_open,
    starts_at,
    ends_at
from {{ source('moodle', 'enrolments') }}
