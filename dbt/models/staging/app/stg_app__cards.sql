select
    card_id,
    account_id,
    course_id,
    left(course_id, length(course_id) - strpos(reverse(course_id), ':')) as site_id,
    topic_id
from {{ source('app', 'cards') }}
where course_id is not null
