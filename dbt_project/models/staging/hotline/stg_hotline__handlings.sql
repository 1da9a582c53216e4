with handlings as (
    select * from {{ source('silver', 'hotline__handling') }}
)

select
    ticket_id,
    handle_seq,
    org_code,
    contacted_at,
    closed_at,
    close_kind,
    extension_days
from handlings
