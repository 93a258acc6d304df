select
    {{ moodle_key('grade_id') }} as grade_id,
    {{ moodle_key('grade_item_id') }} as grade_item_id,
    {{ moodle_key('user_id') }} as learner_id,
    final_grade as grade,
    grade_max,
    is_hidden,
    graded_at
from {{ source('moodle', 'grades') }}
