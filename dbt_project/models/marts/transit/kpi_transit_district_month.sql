with rides as (
    select
        {{ month_of('tap_date') }} as month,
        district_code,
        sum(boardings) as boardings,
        sum(senior_boardings) as senior_boardings
    from {{ ref('kpi_transit_day') }}
    group by {{ month_of('tap_date') }}, district_code
),

requests as (
    select
        {{ month_of('date') }} as month,
        district_code,
        sum(opened_transport) as requests
    from {{ ref('kpi_hotline_day') }}
    group by {{ month_of('date') }}, district_code
),

residents as (
    select * from {{ ref('dim_population') }}
    where definition = 'resident' and source = 'city.population' and level = 'district'
),

joined as (
    select
        rides.month,
        rides.district_code,
        cast(rides.boardings as bigint) as boardings,
        cast(rides.senior_boardings as bigint) as senior_boardings,
        cast(coalesce(requests.requests, 0) as bigint) as transport_requests,
        residents.people as residents
    from rides
    left join requests on rides.month = requests.month and rides.district_code = requests.district_code
    left join residents
        on
            rides.district_code = residents.area_code
            and last_day(rides.month) between residents.valid_from and residents.valid_to
)

select * from joined
