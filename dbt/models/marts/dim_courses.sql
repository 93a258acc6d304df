{#- Rows are replaced where they stand: the leaderboard is a view on this table, and a table swapped away would take it along. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        unique_key='course_id',
        on_schema_change='append_new_columns',
        pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}"
    )
}}

with courses as (
    select * from {{ ref('int_courses__dated') }}
),

learners as (
    select
        course_id,
        count(*) as learners
    from {{ ref('int_learners__enrolled') }}
    where role = 'student'
    group by course_id
),

modules as (
    select
        course_id,
        count(*) as modules
    from {{ ref('int_modules__placed') }}
    group by course_id
)

select
    courses.course_id,
    courses.site_id,
    courses.shortname,
    courses.fullname,
    courses.summary,
    (courses.start_at at time zone courses.timezone)::date as start_date,
    (courses.end_at at time zone courses.timezone)::date as end_date,
    courses.timezone,
    courses.backup_at,
    courses.log_until_at,
    courses.as_of_at,
    courses.as_of_date,
    coalesce(learners.learners, 0)::integer as learners,
    coalesce(modules.modules, 0)::integer as modules,
    {{ var('quiet_after_days') }}::integer as quiet_after_days
from courses
left join learners on courses.course_id = learners.course_id
left join modules on courses.course_id = modules.course_id
