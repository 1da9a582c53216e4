with streets as (
    select * from {{ ref('stg_city__areas') }}
),

districts as (
    select
        streets.district_code,
        max(streets.district_name) as district_zh,
        coalesce(max(names.district_en), max(streets.district_name)) as district_en,
        sum(streets.area_km2) as area_km2,
        cast(sum(streets.households) as bigint) as households
    from streets
    left join {{ ref('dim_district') }} as names on streets.district_code = names.district_code
    group by streets.district_code
),

areas as (
    select
        streets.area_code,
        'street' as level,
        streets.area_name as area_zh,
        streets.area_name as area_en,
        streets.district_code as parent_code,
        streets.district_code,
        districts.district_zh,
        districts.district_en,
        streets.urban_rural_class,
        cast(streets.area_km2 as double) as area_km2,
        cast(streets.households as bigint) as households,
        cast(streets.old_housing_pct as double) as old_housing_pct,
        cast(streets.senior_pct as double) as senior_pct,
        cast(streets.lon as double) as lon,
        cast(streets.lat as double) as lat
    from streets
    inner join districts on streets.district_code = districts.district_code
    union all
    select
        district_code as area_code,
        'district' as level,
        district_zh as area_zh,
        district_en as area_en,
        '{{ var("city_code") }}' as parent_code,
        district_code,
        district_zh,
        district_en,
        cast(null as string) as urban_rural_class,
        cast(area_km2 as double) as area_km2,
        households,
        cast(null as double) as old_housing_pct,
        cast(null as double) as senior_pct,
        cast(null as double) as lon,
        cast(null as double) as lat
    from districts
    union all
    select
        '{{ var("city_code") }}' as area_code,
        'city' as level,
        '{{ var("city_zh") }}' as area_zh,
        '{{ var("city_en") }}' as area_en,
        cast(null as string) as parent_code,
        cast(null as string) as district_code,
        cast(null as string) as district_zh,
        cast(null as string) as district_en,
        cast(null as string) as urban_rural_class,
        cast(sum(area_km2) as double) as area_km2,
        cast(sum(households) as bigint) as households,
        cast(null as double) as old_housing_pct,
        cast(null as double) as senior_pct,
        cast(null as double) as lon,
        cast(null as double) as lat
    from districts
    having count(*) > 0
)

select * from areas
