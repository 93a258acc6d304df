with responses as (
    select * from {{ ref('stg_moodle__question_attempts') }}
),

attempts as (
    select * from {{ ref('fct_quiz_attempts') }}
)

select
    responses.response_id,
    attempts.learner_id,
    attempts.course_id,
    attempts.module_id,
    responses.attempt_id,
    responses.question_id,
    responses.slot,
    responses.state,
    responses.response,
    responses.score_raw,
    responses.score_max,
    responses.score_scaled,
    case when responses.score_scaled is not null then responses.score_scaled >= 1 end as is_success,
    responses.responded_at
from responses
inner join attempts on responses.attempt_id = attempts.attempt_id
