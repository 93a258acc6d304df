select
    learner_id,
    site_id,
    account_id
from {{ source('app', 'moodle_links') }}
