with spending as (
    select * from {{ ref('stg_app__chat_spending') }}
),

-- an account that was tied to two people of one site counts as the first
people as (
    select
        account_id,
        site_id,
        min(learner_id) as learner_id
    from {{ ref('stg_app__moodle_links') }}
    group by account_id, site_id
)

select
    spending.course_id,
    people.learner_id,
    spending.spending_date,
    spending.currency,
    count(*)::bigint as turns,
    sum(spending.tokens_in)::bigint as tokens_in,
    sum(spending.tokens_out)::bigint as tokens_out,
    sum(spending.spent)::numeric(18, 8) as spent,
    sum(spending.unsettled)::numeric(18, 8) as unsettled
from spending
left join people on spending.account_id = people.account_id and spending.site_id = people.site_id
group by spending.course_id, people.learner_id, spending.spending_date, spending.currency
