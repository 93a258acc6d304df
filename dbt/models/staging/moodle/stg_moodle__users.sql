select
    {{ moodle_key('user_id') }} as learner_id,
    site_id,
    username,
    email,
    nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), '') as full_name,
    last_access_at
from {{ source('moodle', 'users') }}
