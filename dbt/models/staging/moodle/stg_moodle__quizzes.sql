select
    {{ moodle_key('cmid') }} as module_id,
    {{ moodle_key('course_id') }} as course_id,
    grade_max,
    nullif(sum_grades, 0) as marks_max
from {{ source('moodle', 'quizzes') }}
