select
    files.course_id,
    files.sha256,
    files.filename,
    files.kind,
    files.timezone,
    files.registered_at,
    imports.imported_at,
    imports.rows_read,
    imports.accepted,
    imports.repeated,
    imports.refused,
    imports.rows_elsewhere,
    imports.from_at,
    imports.to_at
from {{ ref('stg_logs__files') }} as files
left join {{ ref('stg_logs__imports') }} as imports
    on files.course_id = imports.course_id and files.sha256 = imports.sha256
