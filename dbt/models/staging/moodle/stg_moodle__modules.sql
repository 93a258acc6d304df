select
    {{ moodle_key('cmid') }} as module_id,
    {{ moodle_key('course_id') }} as course_id,
    {{ moodle_key('section_id') }} as section_id,
    modname,
    name as module_name,
    url as module_url,
    position,
    is_visible,
    {{ group_demands('availability') }} as group_conditions,
    {{ asks_more_than_groups('availability') }} as is_gated,
    completion_mode > 0 as is_completion_tracked,
    opens_at,
    closes_at,
    coalesce(due_at, completion_expected_at) as due_at
from {{ source('moodle', 'modules') }}
