select
    course_id,
    learner_id,
    pseudonym
from {{ source('app', 'leaderboard_members') }}
