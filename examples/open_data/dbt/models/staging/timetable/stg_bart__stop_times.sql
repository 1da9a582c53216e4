with stop_times as (
    select * from {{ source('open_data', 'timetable__stop_time') }}
)

select
    trip_id,
    stop_id,
    stop_sequence,
    arrival_time as arrival_s,
    departure_time as departure_s,
    cast(floor(departure_time / 3600) as int) as hour
from stop_times
