{#- Rows are replaced where they stand: the leaderboard is a view on this table, and a table swapped away would take it along. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}",
        indexes=[{'columns': ['course_id', 'week_start']}]
    )
}}

with learners as (
    select
        learner_id,
        course_id
    from {{ ref('int_learners__enrolled') }}
    where role = 'student' and is_active
),

weeks as (
    select * from {{ ref('int_course_weeks__spanned') }}
),

rules as (
    select * from {{ ref('point_rules') }}
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

points as (
    select
        deeds.learner_id,
        deeds.course_id,
        date_trunc('week', deeds.deed_date::timestamp)::date as week_start,
        sum(rules.points) as points
    from deeds
    inner join rules on deeds.verb = rules.verb and deeds.object_type = rules.object_type
    group by 1, 2, 3
)

select
    learners.course_id,
    weeks.week_start,
    learners.learner_id,
    coalesce(points.points, 0)::integer as points
from learners
inner join weeks on learners.course_id = weeks.course_id
left join points
    on
        learners.learner_id = points.learner_id
        and learners.course_id = points.course_id
        and weeks.week_start = points.week_start
