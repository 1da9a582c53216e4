with stop_times as (
    select * from {{ ref('stg_bart__stop_times') }}
),

trips as (
    select * from {{ ref('stg_bart__trips') }}
),

totals as (
    select
        trips.service_id,
        stop_times.hour,
        stop_times.hour >= 24 as is_after_midnight,
        count(*) as departures,
        count(distinct stop_times.trip_id) as trips,
        count(distinct stop_times.stop_id) as stops_served
    from stop_times
    inner join trips on stop_times.trip_id = trips.trip_id
    group by trips.service_id, stop_times.hour, stop_times.hour >= 24
)

select * from totals
