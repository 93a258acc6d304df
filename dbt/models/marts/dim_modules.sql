select
    module_id,
    course_id,
    section_id,
    section_name,
    section_number,
    position,
    module_name,
    modname,
    is_visible,
    module_url,
    due_at,
    counts_for_completion
from {{ ref('int_modules__placed') }}
