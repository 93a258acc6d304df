select
    {{ moodle_key('assignment_id') }} as role_assignment_id,
    {{ moodle_key('user_id') }} as learner_id,
    {{ moodle_key('course_id') }} as course_id,
    -- a site may call its students anything; what a role was made from stays
    coalesce(nullif(archetype, ''), role) as role
from {{ source('moodle', 'role_assignments') }}
