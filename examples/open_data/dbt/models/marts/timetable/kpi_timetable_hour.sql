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
),

dated as (
    select
        totals.service_id,
        totals.hour,
        totals.is_after_midnight,
        totals.departures,
        totals.trips,
        totals.stops_served,
        coalesce(services.is_weekday, false) as is_weekday
    from totals
    left join {{ ref('stg_bart__services') }} as services on totals.service_id = services.service_id
)

select * from dated
