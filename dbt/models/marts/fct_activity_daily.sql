{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['course_id', 'activity_date'],
        on_schema_change='append_new_columns',
        pre_hook="{{ forget_days_without_source() }}",
        indexes=[{'columns': ['course_id', 'activity_date']}, {'columns': ['learner_id']}]
    )
}}

with activity as (
    select * from {{ ref('int_activity__attributed') }}
),

{% if is_incremental() %}
-- A course's day is taken anew when its rows changed in any way; telling by the newest time alone would miss
-- an import that began before the last one and ended after it.
changed_days as (
    select course_id, activity_date from activity
    group by course_id, activity_date
    having (max(source_at), sum(events)) is distinct from (
        select row(max(built.source_at), sum(built.events + built.noise_events))
        from {{ this }} as built
        where built.course_id = activity.course_id and built.activity_date = activity.activity_date
    )
),
{% endif %}

daily as (
    select
        learner_id,
        course_id,
        module_id,
        activity_date,
        role,
        coalesce(sum(events) filter (where is_own_act), 0)::bigint as events,
        coalesce(sum(sessions) filter (where is_own_act), 0)::bigint as sessions,
        round(coalesce(sum(active_seconds) filter (where is_own_act), 0) / 60.0, 2) as active_minutes,
        coalesce(sum(events) filter (where not is_own_act), 0)::bigint as noise_events,
        max(source_at) as source_at
    from activity
    {% if is_incremental() %}
    where (course_id, activity_date) in (select course_id, activity_date from changed_days)
    {% endif %}
    group by learner_id, course_id, module_id, activity_date, role
)

select * from daily
