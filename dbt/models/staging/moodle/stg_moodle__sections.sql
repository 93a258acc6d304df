select
    {{ moodle_key('section_id') }} as section_id,
    {{ moodle_key('course_id') }} as course_id,
    {{ moodle_key('parent_module') }} as parent_module_id,
    number as section_number,
    coalesce(nullif(name, ''), case when number = 0 then 'General' else 'Section ' || number end) as section_name,
    is_visible,
    {{ group_demands('availability') }} as group_conditions,
    {{ asks_more_than_groups('availability') }} as is_gated
from {{ source('moodle', 'sections') }}
