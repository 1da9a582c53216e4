with callbacks as (
    select * from {{ source('silver', 'hotline__callback') }}
)

select
    ticket_id,
    callback_seq,
    org_code,
    is_reached,
    coalesce(is_responded, false) as is_responded,
    resolution,
    rating,
    is_excluded,
    to_date({{ local_time('called_at') }}) as called_date
from callbacks
