with routes as (
    select * from {{ source('silver', 'transit__route') }}
)

select
    route_id,
    direction,
    valid_from,
    route_name,
    mode,
    cast(length_km as double) as length_km
from routes
