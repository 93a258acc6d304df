with spending as (
    select * from {{ ref('stg_app__chat_spending') }}
)

select
    course_id,
    spending_date,
    currency,
    count(*)::bigint as turns,
    case
        when count(distinct account_id) >= {{ var('smallest_group') }} then count(distinct account_id)
    end::bigint as learners,
    sum(tokens_in)::bigint as tokens_in,
    sum(tokens_out)::bigint as tokens_out,
    sum(spent)::numeric(18, 8) as spent,
    sum(unsettled)::numeric(18, 8) as unsettled
from spending
group by course_id, spending_date, currency
