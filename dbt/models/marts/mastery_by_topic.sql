{#- A view on a view, so that it tells what stands in fct_mastery_evidence now, to whom that shows it. -#}
{{ config(materialized='view', post_hook="alter view {{ this }} set (security_barrier = true)") }}

with summed as (
    select
        account_id,
        learner_id,
        course_id,
        topic_id,
        count(*) filter (where evidence_kind = 'card_review' and not is_contested) as card_reviews,
        count(*) filter (where evidence_kind = 'practice_attempt' and not is_contested) as practice_attempts,
        count(*) filter (where evidence_kind = 'quiz_response' and not is_contested) as quiz_responses,
        count(*) filter (where is_contested) as contested,
        max(occurred_at) filter (where not is_contested) as last_evidence_at,
        nullif(sum(evidence_weight), 0) as evidence_weight,
        sum(evidence_weight * score_scaled) / nullif(sum(evidence_weight), 0) as mean
    from {{ ref('fct_mastery_evidence') }}
    group by account_id, learner_id, course_id, topic_id
),

bounded as (
    select
        *,
        {{ wilson('mean', 'evidence_weight', '-') }} as low,
        {{ wilson('mean', 'evidence_weight', '+') }} as high
    from summed
)

select
    account_id,
    learner_id,
    course_id,
    topic_id,
    -- the middle of the range, which for little evidence lies near the half
    (50 * (low + high))::numeric(12, 2) as mastery_pct,
    (100 * low)::numeric(12, 2) as mastery_low_pct,
    (100 * high)::numeric(12, 2) as mastery_high_pct,
    coalesce(evidence_weight, 0) as evidence_weight,
    card_reviews,
    practice_attempts,
    quiz_responses,
    contested,
    last_evidence_at
from bounded
