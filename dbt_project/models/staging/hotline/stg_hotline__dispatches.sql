with dispatches as (
    select * from {{ source('silver', 'hotline__dispatch') }}
)

select
    ticket_id,
    dispatch_seq,
    org_code,
    dispatched_at,
    signed_at,
    returned_at,
    return_reason,
    to_date({{ local_time('dispatched_at') }}) as dispatched_date
from dispatches
