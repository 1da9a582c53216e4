with years as (
    select * from {{ ref('stg_health__resource_years') }}
),

residents as (
    select * from {{ ref('dim_population') }}
    where definition = 'resident' and source = 'city.population' and level = 'district'
),

joined as (
    select
        years.year,
        years.district_code,
        cast(years.physicians as bigint) as physicians,
        cast(years.nurses as bigint) as nurses,
        cast(years.beds as bigint) as beds,
        cast(years.population_used as bigint) as population_used,
        residents.people as residents
    from years
    left join residents
        on
            years.district_code = residents.area_code
            and years.as_of_date between residents.valid_from and residents.valid_to
)

select * from joined
