with responses as (
    select * from {{ ref('fct_question_responses') }}
),

-- later attempts have seen the answers
first_attempts as (
    select attempts.attempt_id
    from {{ ref('fct_quiz_attempts') }} as attempts
    inner join {{ ref('fct_enrolments') }} as enrolments
        on attempts.learner_id = enrolments.learner_id and attempts.course_id = enrolments.course_id
    where attempts.is_first_finished and enrolments.role = 'student'
),

items as (
    select
        responses.course_id,
        responses.module_id,
        responses.question_id,
        min(responses.slot) as slot,
        count(*)::integer as learners,
        avg(coalesce(responses.score_scaled, 0)) as facility
    from responses
    inner join first_attempts on responses.attempt_id = first_attempts.attempt_id
    group by responses.course_id, responses.module_id, responses.question_id
)

select
    items.course_id,
    items.module_id,
    items.question_id,
    items.slot,
    questions.question_name,
    questions.question_type,
    items.learners,
    items.learners < {{ var('smallest_group') }} as is_withheld,
    case when items.learners >= {{ var('smallest_group') }} then round(100 * items.facility, 2) end as facility_pct
from items
left join {{ ref('stg_moodle__questions') }} as questions
    on items.question_id = questions.question_id and items.course_id = questions.course_id
