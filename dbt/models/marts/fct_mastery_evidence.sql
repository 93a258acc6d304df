{#-
    A view, so that an answer and a contest count at once; it runs as the warehouse and says itself who sees what: one's
    own alone, or all of it for an admin. Who teaches sees nobody's.
-#}
{{ config(materialized='view', post_hook="alter view {{ this }} set (security_barrier = true)") }}

with evidence as (
    select * from {{ ref('int_evidence__gathered') }}
    where
        current_user in ('studium_warehouse', 'studium_pipeline', 'studium_reader')
        or account_id = (select app.current_account())
        or (select app.is_admin())
),

contested as (
    select
        evidence.*,
        contested.evidence_id is not null as is_contested
    from evidence
    left join {{ ref('stg_app__contested_evidence') }} as contested
        on evidence.account_id = contested.account_id and evidence.evidence_id = contested.evidence_id
),

placed as (
    select
        *,
        count(*) filter (where not is_contested) over (
            partition by account_id, learner_id, course_id, object_id
            order by occurred_at desc
            groups between unbounded preceding and 1 preceding
        ) as newer
    from contested
),

-- the same asked again tells half as much
halved as (
    select
        *,
        case when is_contested then 0 else trust * power(0.5::double precision, least(newer, 50)) end as tells
    from placed
),

aged as (
    select
        *,
        coalesce(sum(tells) over (
            partition by account_id, learner_id, course_id, topic_id
            order by occurred_at desc
            groups between unbounded preceding and 1 preceding
        ), 0) / {{ var('half_life_answers') }} as halved_by_answers,
        greatest(extract(epoch from {{ asked_at() }} - occurred_at) / 86400, 0)::double precision
        / {{ var('half_life_days') }} as halved_by_days
    from halved
)

select
    evidence_id,
    evidence_kind,
    account_id,
    learner_id,
    course_id,
    topic_id,
    object_id,
    occurred_at,
    is_contested,
    score_scaled::numeric(12, 7) as score_scaled,
    tells * power(0.5, least(halved_by_days + halved_by_answers, 100)) as evidence_weight
from aged
