{{ config(day_column='service_date', day_source='transit__departure') }}

with departures as (
    select * from {{ ref('int_transit__departures') }}
    where {{ touched('service_date') }}
),

totals as (
    select
        service_date,
        route_id,
        direction,
        coalesce(district_code, 'unknown') as district_code,
        count_if(is_origin) as trips_planned,
        count_if(is_origin and is_run) as trips_run,
        count_if(is_timepoint) as departures_planned,
        count_if(is_timepoint and departed_at is not null) as departures_observed,
        count_if(is_timepoint and departed_at is null) as departures_unobserved,
        count_if(
            is_timepoint and delay_s between -{{ var('early_limit_s') }} and {{ var('late_limit_s') }}
        ) as on_time_n,
        count_if(is_timepoint and delay_s < -{{ var('early_limit_s') }}) as early,
        count_if(is_timepoint and delay_s > {{ var('late_limit_s') }}) as late,
        cast(sum(boardings) as bigint) as boardings,
        cast(sum(case when is_origin and is_run then rated_capacity else 0 end) as bigint) as places,
        cast(sum(case when is_origin and is_run then length_km else 0 end) as double) as vehicle_km,
        cast(sum(case when is_frequent then observed_headway_s else 0 end) as double) as headway_observed_s,
        cast(
            sum(case when is_frequent then observed_headway_s * observed_headway_s else 0 end) as double
        ) as headway_observed_s2,
        cast(sum(case when is_frequent then planned_headway_s else 0 end) as double) as headway_planned_s,
        cast(
            sum(case when is_frequent then planned_headway_s * planned_headway_s else 0 end) as double
        ) as headway_planned_s2
    from departures
    group by service_date, route_id, direction, coalesce(district_code, 'unknown')
),

known as (
    select
        service_date,
        route_id,
        direction,
        district_code,
        trips_planned,
        trips_run,
        departures_planned,
        departures_observed,
        departures_unobserved,
        on_time_n,
        early,
        late,
        boardings,
        places,
        coalesce(vehicle_km, cast(0 as double)) as vehicle_km,
        coalesce(headway_observed_s, cast(0 as double)) as headway_observed_s,
        coalesce(headway_observed_s2, cast(0 as double)) as headway_observed_s2,
        coalesce(headway_planned_s, cast(0 as double)) as headway_planned_s,
        coalesce(headway_planned_s2, cast(0 as double)) as headway_planned_s2
    from totals
)

select * from known
