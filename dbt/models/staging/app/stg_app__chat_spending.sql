select
    turn_id,
    account_id,
    course_id,
    left(course_id, length(course_id) - strpos(reverse(course_id), ':')) as site_id,
    day as spending_date,
    currency,
    cost as spent,
    reserved as unsettled,
    tokens_in,
    tokens_out
from {{ source('app', 'chat_spending') }}
where tokens_in > 0 or reserved > 0
