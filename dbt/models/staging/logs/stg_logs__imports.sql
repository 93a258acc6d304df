select
    {{ moodle_key('course_id') }} as course_id,
    sha256,
    rows_read,
    accepted,
    repeated,
    refused,
    rows_elsewhere,
    from_at,
    to_at,
    imported_at
from {{ source('logs', 'log_imports') }}
