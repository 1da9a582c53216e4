-- The same taps counted three ways: by line, by hour, for the city.
{{ config(tags=['transit']) }}

with lines as (
    select
        tap_date,
        sum(taps) as taps,
        sum(boardings) as boardings,
        sum(revenue_cny) as revenue_cny
    from {{ ref('kpi_transit_day') }}
    group by tap_date
),

hours as (
    select
        tap_date,
        sum(taps) as taps,
        sum(boardings) as boardings
    from {{ ref('kpi_transit_hour') }}
    group by tap_date
),

city as (
    select * from {{ ref('kpi_transit_city_day') }}
)

select
    city.tap_date,
    lines.tap_date as date_of_lines,
    hours.tap_date as date_of_hours
from city
full outer join lines on city.tap_date = lines.tap_date
full outer join hours on city.tap_date = hours.tap_date
where not coalesce(
    city.taps = lines.taps and city.taps = hours.taps
    and city.boardings = lines.boardings and city.boardings = hours.boardings
    and city.revenue_cny = lines.revenue_cny,
    false
)
