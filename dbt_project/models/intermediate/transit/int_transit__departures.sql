with departures as (
    select * from {{ ref('stg_transit__departures') }}
),

routes as (
    select
        *,
        coalesce(
            date_sub(lead(valid_from) over (partition by route_id, direction order by valid_from), 1),
            date '9999-12-31'
        ) as valid_to
    from {{ ref('stg_transit__routes') }}
),

-- The first stop stands for its trip. A headway is the time since the departure before it at the same stop.
placed as (
    select
        *,
        row_number() over (partition by service_date, trip_id order by stop_seq) = 1 as is_origin,
        max(case when departed_at is not null then 1 else 0 end) over (
            partition by service_date, trip_id
        ) = 1 as is_run,
        unix_timestamp(planned_at) - lag(unix_timestamp(planned_at)) over (
            partition by service_date, route_id, direction, stop_seq
            order by planned_at, trip_id
        ) as planned_headway_s,
        case
            when departed_at is not null
                then unix_timestamp(departed_at) - lag(unix_timestamp(departed_at)) over (
                    partition by service_date, route_id, direction, stop_seq, departed_at is null
                    order by departed_at, trip_id
                )
        end as observed_headway_s
    from departures
),

described as (
    select
        placed.*,
        stops.district_code,
        vehicles.rated_capacity,
        routes.length_km,
        avg(placed.planned_headway_s) over (
            partition by placed.service_date, placed.route_id, placed.direction
        ) <= {{ var("frequent_headway_s") }} as is_frequent
    from placed
    left join {{ ref('stg_transit__stops') }} as stops on placed.stop_id = stops.stop_id
    left join {{ ref('stg_transit__vehicles') }} as vehicles on placed.vehicle_id = vehicles.vehicle_id
    left join routes
        on
            placed.route_id = routes.route_id
            and placed.direction = routes.direction
            and placed.service_date between routes.valid_from and routes.valid_to
)

select * from described
