{#- Rows are replaced where they stand: the evidence is a view on this table, and a table swapped away would take it along. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        unique_key='response_id',
        pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}",
        indexes=[{'columns': ['learner_id']}]
    )
}}

with attempts as (
    select * from {{ ref('fct_quiz_attempts') }}
    where state = 'finished'
),

modules as (
    select * from {{ ref('int_modules__placed') }}
),

courses as (
    select
        course_id,
        as_of_at
    from {{ ref('int_courses__dated') }}
),

hidden as (
    select distinct
        learner_id,
        module_id
    from {{ ref('fct_grades') }}
    where is_hidden and module_id is not null
),

topics as (
    select
        course_id,
        external_key,
        topic_id
    from {{ ref('stg_app__practice_questions') }}
    where external_key is not null
)

select
    responses.response_id,
    responses.learner_id,
    responses.course_id,
    coalesce(topics.topic_id, modules.section_id) as topic_id,
    responses.question_id,
    least(greatest(responses.score_scaled, 0), 1) as score_scaled,
    attempts.finished_at
from {{ ref('fct_question_responses') }} as responses
inner join attempts on responses.attempt_id = attempts.attempt_id
inner join courses on responses.course_id = courses.course_id
inner join modules on responses.module_id = modules.module_id
left join topics on responses.course_id = topics.course_id and responses.question_id = topics.external_key
left join hidden on responses.learner_id = hidden.learner_id and responses.module_id = hidden.module_id
where
    responses.score_scaled is not null
    and hidden.module_id is null
    and coalesce(modules.closes_at <= courses.as_of_at, true)
