with responses as (
    select * from {{ source('silver', 'safety__response') }}
)

select
    dispatched_date,
    response_id,
    call_id,
    unit_id,
    dispatched_at,
    arrived_at,
    finished_at,
    result,
    coalesce(is_mediated, false) as is_mediated,
    unix_timestamp(arrived_at) - unix_timestamp(dispatched_at) as arrival_s
from responses
