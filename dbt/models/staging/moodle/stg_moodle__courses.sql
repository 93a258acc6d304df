select
    {{ moodle_key('course_id') }} as course_id,
    site_id,
    shortname,
    fullname,
    summary,
    start_at,
    end_at,
    backup_at
from {{ source('moodle', 'courses') }}
