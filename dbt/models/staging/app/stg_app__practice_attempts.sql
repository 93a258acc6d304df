select
    attempt_id as practice_attempt_id,
    account_id,
    question_id as practice_question_id,
    fraction,
    confidence_level,
    answered_at
from {{ source('app', 'practice_attempts') }}
