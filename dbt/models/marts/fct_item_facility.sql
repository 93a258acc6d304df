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
),

-- a mean of few would tell what single persons did
shown as (
    select
        *,
        learners < {{ var('smallest_group') }} as is_withheld,
        case when learners >= {{ var('smallest_group') }} then facility end as shown_facility
    from items
)

select
    shown.course_id,
    shown.module_id,
    shown.question_id,
    shown.slot,
    questions.question_name,
    questions.question_text,
    questions.question_type,
    shown.learners,
    shown.is_withheld,
    round(100 * shown.shown_facility, 2) as facility_pct,
    round(100 * {{ wilson('shown.shown_facility', 'shown.learners', '-') }}, 2) as facility_low_pct,
    round(100 * {{ wilson('shown.shown_facility', 'shown.learners', '+') }}, 2) as facility_high_pct
from shown
left join {{ ref('stg_moodle__questions') }} as questions
    on shown.question_id = questions.question_id and shown.course_id = questions.course_id
