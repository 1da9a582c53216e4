with dimensions as (
    select * from {{ source('ledger', 'coordination__dimension') }}
)

select
    batch_id,
    dimension,
    n,
    d
from dimensions
