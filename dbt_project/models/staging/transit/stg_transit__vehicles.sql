with vehicles as (
    select * from {{ source('silver', 'transit__vehicle') }}
)

select
    vehicle_id,
    rated_capacity,
    energy,
    route_id,
    operator_uscc
from vehicles
