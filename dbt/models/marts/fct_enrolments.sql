{#- Rows are replaced where they stand: the leaderboard is a view on this table, and a table swapped away would take it along. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        unique_key=['learner_id', 'course_id'],
        on_schema_change='append_new_columns',
        pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}"
    )
}}

select
    enrolled.learner_id,
    enrolled.course_id,
    enrolled.role,
    enrolled.is_active,
    enrolled.group_names,
    people.last_access_at
from {{ ref('int_learners__enrolled') }} as enrolled
left join {{ ref('stg_moodle__users') }} as people on enrolled.learner_id = people.learner_id
