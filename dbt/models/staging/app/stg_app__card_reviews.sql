select
    review_id,
    account_id,
    card_id,
    rating,
    elapsed_days,
    reviewed_at
from {{ source('app', 'card_reviews') }}
where undone_at is null
