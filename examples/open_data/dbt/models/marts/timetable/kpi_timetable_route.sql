with trips as (
    select * from {{ ref('stg_bart__trips') }}
),

totals as (
    select
        route_id,
        service_id,
        count(*) as trips,
        cast(sum(stops) as bigint) as stop_times,
        count_if(ends_s >= 86400) as past_midnight,
        round(min(starts_s) / 3600, 2) as first_departure_h,
        round(max(ends_s) / 3600, 2) as last_arrival_h,
        round(sum(ends_s - starts_s) / 60, 1) as run_minutes
    from trips
    group by route_id, service_id
),

named as (
    select
        totals.route_id,
        totals.service_id,
        totals.trips,
        totals.stop_times,
        totals.past_midnight,
        totals.first_departure_h,
        totals.last_arrival_h,
        totals.run_minutes,
        coalesce(routes.route_name, totals.route_id) as route_name
    from totals
    left join {{ ref('stg_bart__routes') }} as routes on totals.route_id = routes.route_id
)

select * from named
