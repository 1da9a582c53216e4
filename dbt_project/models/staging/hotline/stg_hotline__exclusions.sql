with exclusions as (
    select * from {{ source('silver', 'hotline__exclusion') }}
)

select
    ticket_id,
    applied_by,
    reason_class,
    approved_at
from exclusions
