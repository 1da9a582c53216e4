with departures as (
    select * from {{ source('silver', 'transit__departure') }}
)

select
    service_date,
    trip_id,
    stop_seq,
    route_id,
    direction,
    stop_id,
    vehicle_id,
    is_timepoint,
    planned_at,
    departed_at,
    unix_timestamp(departed_at) - unix_timestamp(planned_at) as delay_s,
    coalesce(boardings, 0) as boardings
from departures
