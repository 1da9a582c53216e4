with versions as (
    select * from {{ ref('stg_ncov__city_day_versions') }}
),

ordered as (
    select
        *,
        lag(confirmed) over (partition by report_date, province, city order by valid_from) as confirmed_before,
        lag(valid_to) over (partition by report_date, province, city order by valid_from) as replaced_on
    from versions
),

corrected as (
    select
        report_date,
        valid_from as list_date,
        count(*) as cities,
        count_if(confirmed <> confirmed_before) as confirmed_cities,
        sum(confirmed_before) as confirmed_before,
        sum(confirmed) as confirmed_after
    from ordered
    where replaced_on = valid_from
    group by report_date, valid_from
)

select * from corrected
