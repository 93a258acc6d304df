select
    question_id as practice_question_id,
    course_id,
    left(course_id, length(course_id) - strpos(reverse(course_id), ':')) as site_id,
    topic_id,
    external_key
from {{ source('app', 'practice_questions') }}
