-- an account that was tied to two people of one site counts as the first
with people as (
    select
        account_id,
        site_id,
        min(learner_id) as learner_id
    from {{ ref('stg_app__moodle_links') }}
    group by account_id, site_id
),

cards as (
    select * from {{ ref('stg_app__cards') }}
),

questions as (
    select * from {{ ref('stg_app__practice_questions') }}
),

reviews as (
    select
        'review:' || reviews.review_id as evidence_id,
        'card_review' as evidence_kind,
        reviews.account_id,
        people.learner_id,
        cards.course_id,
        cards.topic_id,
        reviews.card_id::text as object_id,
        case when reviews.rating > 1 then 1 else 0 end::numeric as score_scaled,
        0.5 as trust,
        reviews.reviewed_at as occurred_at
    from {{ ref('stg_app__card_reviews') }} as reviews
    inner join cards on reviews.card_id = cards.card_id and reviews.account_id = cards.account_id
    inner join people on cards.account_id = people.account_id and cards.site_id = people.site_id
    -- at first sight, and again within half a day, a card tells of no memory
    where reviews.elapsed_days >= 0.5 and cards.topic_id is not null
),

attempts as (
    select
        'attempt:' || attempts.practice_attempt_id as evidence_id,
        'practice_attempt' as evidence_kind,
        attempts.account_id,
        people.learner_id,
        questions.course_id,
        questions.topic_id,
        coalesce(questions.external_key, questions.practice_question_id::text) as object_id,
        least(greatest(attempts.fraction, 0), 1)::numeric as score_scaled,
        -- right by a guess tells less
        case when attempts.confidence_level = 1 and attempts.fraction > 0 then 0.5 else 1 end as trust,
        attempts.answered_at as occurred_at
    from {{ ref('stg_app__practice_attempts') }} as attempts
    inner join questions on attempts.practice_question_id = questions.practice_question_id
    inner join people on attempts.account_id = people.account_id and questions.site_id = people.site_id
    where questions.topic_id is not null
),

responses as (
    select
        'response:' || responses.response_id as evidence_id,
        'quiz_response' as evidence_kind,
        links.account_id,
        coalesce(people.learner_id, responses.learner_id) as learner_id,
        responses.course_id,
        responses.topic_id,
        responses.question_id as object_id,
        responses.score_scaled,
        1 as trust,
        responses.finished_at as occurred_at
    from {{ ref('int_responses__placed') }} as responses
    left join {{ ref('stg_app__moodle_links') }} as links on responses.learner_id = links.learner_id
    left join people on links.account_id = people.account_id and links.site_id = people.site_id
)

select * from reviews
union all
select * from attempts
union all
select * from responses
