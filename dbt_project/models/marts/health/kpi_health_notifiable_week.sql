with weeks as (
    select
        week,
        district_code,
        disease,
        cast(sum(cases) as bigint) as cases,
        cast(sum(deaths) as bigint) as deaths
    from {{ ref('stg_health__notifiable_weeks') }}
    group by week, district_code, disease
),

residents as (
    select * from {{ ref('dim_population') }}
    where definition = 'resident' and source = 'city.population' and level = 'district'
),

joined as (
    select
        weeks.week,
        weeks.district_code,
        weeks.disease,
        weeks.cases,
        weeks.deaths,
        residents.people as residents
    from weeks
    left join residents
        on
            weeks.district_code = residents.area_code
            and date_add(weeks.week, 6) between residents.valid_from and residents.valid_to
)

select * from joined
