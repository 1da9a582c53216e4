with trips as (
    select * from {{ source('open_data', 'timetable__trip') }}
),

stop_times as (
    select
        trip_id,
        count(*) as stops,
        min(departure_time) as starts_s,
        max(arrival_time) as ends_s
    from {{ source('open_data', 'timetable__stop_time') }}
    group by trip_id
)

select
    trips.trip_id,
    trips.route_id,
    trips.service_id,
    trips.direction_id,
    stop_times.stops,
    stop_times.starts_s,
    stop_times.ends_s
from trips
inner join stop_times on trips.trip_id = stop_times.trip_id
