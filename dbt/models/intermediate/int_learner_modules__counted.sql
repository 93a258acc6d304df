with learners as (
    select * from {{ ref('int_learners__enrolled') }}
    where role = 'student'
),

modules as (
    select * from {{ ref('int_modules__placed') }}
    where counts_for_completion
),

completions as (
    select * from {{ ref('fct_completions') }}
    where is_complete
)

select
    learners.learner_id,
    learners.course_id,
    modules.module_id,
    modules.position,
    modules.is_gated,
    completions.module_id is not null as is_complete
from learners
inner join modules
    on learners.course_id = modules.course_id and modules.required_group_ids <@ learners.group_ids
left join completions
    on learners.learner_id = completions.learner_id and modules.module_id = completions.module_id
