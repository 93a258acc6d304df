select
    {{ moodle_key('course_id') }} as course_id,
    sha256,
    filename,
    kind,
    timezone,
    registered_at
from {{ source('logs', 'log_files') }}
