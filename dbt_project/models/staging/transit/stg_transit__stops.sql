with stops as (
    select * from {{ source('silver', 'transit__stop') }}
)

select
    stop_id,
    stop_name,
    area_code,
    district_code
from stops
