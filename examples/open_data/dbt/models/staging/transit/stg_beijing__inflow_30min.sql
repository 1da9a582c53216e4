with cells as (
    select * from {{ source('open_data', 'transit__inflow_30min') }}
)

select
    station_no,
    day_no,
    half_hour,
    boardings
from cells
