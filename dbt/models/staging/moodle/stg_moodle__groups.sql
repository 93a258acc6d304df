select
    {{ moodle_key('group_id') }} as group_id,
    {{ moodle_key('course_id') }} as course_id,
    name as group_name
from {{ source('moodle', 'groups') }}
