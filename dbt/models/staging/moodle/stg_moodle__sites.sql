select
    site_id,
    timezone
from {{ source('moodle', 'sites') }}
