-- The half hours are counted twice: as published, and as the sum of the quarters in them.
with quarters as (
    select
        station_no,
        day_no,
        half_hour,
        sum(boardings) as boardings
    from {{ ref('stg_beijing__inflow_15min') }}
    group by station_no, day_no, half_hour
),

halves as (
    select * from {{ ref('stg_beijing__inflow_30min') }}
),

compared as (
    select
        coalesce(halves.station_no, quarters.station_no) as station_no,
        coalesce(halves.day_no, quarters.day_no) as day_no,
        halves.boardings,
        quarters.boardings as boardings_by_quarters,
        coalesce(halves.boardings = quarters.boardings, false) as is_equal
    from halves
    full outer join quarters
        on
            halves.station_no = quarters.station_no
            and halves.day_no = quarters.day_no
            and halves.half_hour = quarters.half_hour
),

totals as (
    select
        station_no,
        day_no,
        count(*) as half_hours,
        count_if(is_equal) as half_hours_equal,
        cast(coalesce(sum(boardings), 0) as bigint) as boardings,
        cast(coalesce(sum(boardings_by_quarters), 0) as bigint) as boardings_by_quarters
    from compared
    group by station_no, day_no
)

select * from totals
