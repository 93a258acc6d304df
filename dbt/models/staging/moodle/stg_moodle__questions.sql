select
    {{ moodle_key('question_id') }} as question_id,
    {{ moodle_key('course_id') }} as course_id,
    name as question_name,
    {{ plain_text('text') }} as question_text,
    qtype as question_type
from {{ source('moodle', 'questions') }}
