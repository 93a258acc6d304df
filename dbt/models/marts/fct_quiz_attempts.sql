with attempts as (
    select * from {{ ref('stg_moodle__quiz_attempts') }}
    where not is_preview
),

quizzes as (
    select * from {{ ref('stg_moodle__quizzes') }}
),

courses as (
    select
        course_id,
        timezone
    from {{ ref('int_courses__dated') }}
),

scored as (
    select
        attempts.attempt_id,
        attempts.learner_id,
        attempts.course_id,
        attempts.module_id,
        attempts.attempt_number,
        attempts.state,
        attempts.started_at,
        attempts.finished_at,
        (attempts.finished_at at time zone courses.timezone)::date as finished_date,
        round(attempts.marks * quizzes.grade_max / quizzes.marks_max, 5) as grade,
        quizzes.grade_max,
        round(100 * attempts.marks / quizzes.marks_max, 2) as grade_pct,
        attempts.state = 'finished' and row_number() over (
            partition by attempts.learner_id, attempts.module_id, attempts.state
            order by attempts.attempt_number, attempts.attempt_id
        ) = 1 as is_first_finished
    from attempts
    left join quizzes on attempts.module_id = quizzes.module_id
    left join courses on attempts.course_id = courses.course_id
)

select * from scored
