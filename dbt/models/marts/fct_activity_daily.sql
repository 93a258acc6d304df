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
-- A course's day is taken anew when its events or the backup that tells people's roles changed. Asking only for what is
-- newer than the newest would miss an import that began before the last one and ended after it.
built as (
    select
        course_id,
        activity_date,
        max(loaded_at) as loaded_at,
        max(backup_at) as backup_at,
        sum(events + noise_events) as events
    from {{ this }}
    group by course_id, activity_date
),

changed_days as (
    select
        activity.course_id,
        activity.activity_date
    from activity
    left join built on activity.course_id = built.course_id and activity.activity_date = built.activity_date
    group by activity.course_id, activity.activity_date, built.loaded_at, built.backup_at, built.events
    having
        max(activity.loaded_at) is distinct from built.loaded_at
        or max(activity.backup_at) is distinct from built.backup_at
        or sum(activity.events) is distinct from built.events
),
{% endif %}

daily as (
    select
        activity.learner_id,
        activity.course_id,
        activity.module_id,
        activity.activity_date,
        activity.role,
        coalesce(sum(activity.events) filter (where activity.is_own_act), 0)::bigint as events,
        coalesce(sum(activity.sessions) filter (where activity.is_own_act), 0)::bigint as sessions,
        round(coalesce(sum(activity.active_seconds) filter (where activity.is_own_act), 0) / 60.0, 2)
            as active_minutes,
        coalesce(sum(activity.events) filter (where not activity.is_own_act), 0)::bigint as noise_events,
        max(activity.loaded_at) as loaded_at,
        max(activity.backup_at) as backup_at
    from activity
    {% if is_incremental() %}
    inner join changed_days
        on activity.course_id = changed_days.course_id and activity.activity_date = changed_days.activity_date
    {% endif %}
    group by activity.learner_id, activity.course_id, activity.module_id, activity.activity_date, activity.role
)

select * from daily
