select
    event_id,
    course_id,
    learner_id,
    xp as points,
    happened_at,
    written_in
from {{ source('app', 'xp_ledger') }}
where xp <> 0 and course_id is not null and learner_id is not null
