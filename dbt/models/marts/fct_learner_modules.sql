with learners as (
    select
        learner_id,
        course_id
    from {{ ref('int_learners__enrolled') }}
    where role = 'student'
),

modules as (
    select * from {{ ref('int_modules__placed') }}
    where counts_for_completion
),

courses as (
    select
        course_id,
        as_of_at
    from {{ ref('int_courses__dated') }}
),

completions as (
    select * from {{ ref('fct_completions') }}
    where is_complete
),

counted as (
    select
        learners.learner_id,
        learners.course_id,
        modules.module_id,
        modules.position,
        modules.due_at,
        modules.is_gated,
        completions.module_id is not null as is_complete,
        coalesce(modules.due_at <= courses.as_of_at, false) as is_past_due,
        coalesce(modules.opens_at <= courses.as_of_at, true)
        and coalesce(modules.closes_at > courses.as_of_at, true) as is_open
    from learners
    inner join courses on learners.course_id = courses.course_id
    inner join modules
        on
            learners.course_id = modules.course_id
            and {{ lets_in('modules.group_conditions', 'learners.learner_id', 'modules.course_id', 'modules.module_id') }}
    left join completions
        on learners.learner_id = completions.learner_id and modules.module_id = completions.module_id
)

select
    learner_id,
    course_id,
    module_id,
    is_gated,
    is_complete,
    is_past_due and not is_complete as is_overdue,
    case
        when is_open and not is_complete
            then row_number() over (
                partition by learner_id, course_id, is_open and not is_complete
                order by due_at nulls last, position
            )::integer
    end as next_place
from counted
