{#- Rows are replaced where they stand: the leaderboard is a view on this table, and a table swapped away would take it along. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}",
        indexes=[{'columns': ['course_id', 'week_start']}]
    )
}}

with rules as (
    select * from {{ ref('point_rules') }}
),

courses as (
    select
        course_id,
        timezone
    from {{ ref('dim_courses') }}
),

deeds as (
    select
        learner_id,
        course_id,
        completed_date as deed_date,
        'completed' as verb,
        'module' as object_type
    from {{ ref('fct_completions') }}
    where is_complete
    union all
    select
        learner_id,
        course_id,
        finished_date as deed_date,
        'attempted' as verb,
        'quiz' as object_type
    from {{ ref('fct_quiz_attempts') }}
    where is_first_finished
),

landed as (
    select
        deeds.learner_id,
        deeds.course_id,
        deeds.deed_date,
        rules.points,
        rules.points as moodle_points
    from deeds
    inner join rules on deeds.verb = rules.verb and deeds.object_type = rules.object_type
    union all
    -- acts of transactions that were all over when this one looked: later ones are the leaderboard's to add
    select
        acts.learner_id,
        acts.course_id,
        (acts.happened_at at time zone courses.timezone)::date as deed_date,
        acts.points,
        0 as moodle_points
    from {{ ref('stg_app__xp_ledger') }} as acts
    inner join courses on acts.course_id = courses.course_id
    where acts.written_in < pg_snapshot_xmin(pg_current_snapshot())
),

weeks as (
    select
        *,
        date_trunc('week', deed_date::timestamp)::date as week_start
    from landed
)

select
    course_id,
    week_start,
    learner_id,
    sum(points)::integer as points,
    sum(moodle_points)::integer as moodle_points,
    sum(points * {{ decay('week_start + 6 - deed_date') }}) as weight,
    pg_snapshot_xmin(pg_current_snapshot()) as landed_until
from weeks
group by course_id, week_start, learner_id
