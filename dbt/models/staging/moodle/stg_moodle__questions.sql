select
    {{ moodle_key('question_id') }} as question_id,
    {{ moodle_key('course_id') }} as course_id,
    name as question_name,
    qtype as question_type
from {{ source('moodle', 'questions') }}
