select
    account_id,
    evidence_id,
    contested_at
from {{ source('app', 'contested_evidence') }}
