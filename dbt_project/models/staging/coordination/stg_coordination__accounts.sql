with accounts as (
    select * from {{ source('ledger', 'coordination__account') }}
)

select
    batch_id,
    table_key,
    landed,
    bronze,
    silver_new,
    silver_updated,
    unchanged,
    duplicate,
    superseded,
    quarantined,
    closes
from accounts
