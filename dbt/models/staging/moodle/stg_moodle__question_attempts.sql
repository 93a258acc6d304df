select
    {{ moodle_key('question_attempt_id') }} as response_id,
    {{ moodle_key('attempt_id') }} as attempt_id,
    {{ moodle_key('question_id') }} as question_id,
    slot,
    state,
    response_summary as response,
    mark as score_raw,
    max_mark as score_max,
    fraction as score_scaled,
    modified_at as responded_at
from {{ source('moodle', 'question_attempts') }}
