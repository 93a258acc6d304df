select
    {{ moodle_key('grade_item_id') }} as grade_item_id,
    {{ moodle_key('course_id') }} as course_id,
    {{ moodle_key('cmid') }} as module_id,
    item_type,
    name as item_name,
    grade_max,
    is_hidden
from {{ source('moodle', 'grade_items') }}
