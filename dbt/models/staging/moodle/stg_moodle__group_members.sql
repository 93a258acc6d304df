select
    {{ moodle_key('group_id') }} as group_id,
    {{ moodle_key('user_id') }} as learner_id
from {{ source('moodle', 'group_members') }}
