{{ config(day_column='tap_date', day_source='transit__card_tap') }}

with taps as (
    select * from {{ ref('stg_transit__card_taps') }}
    where {{ touched('tap_date') }}
),

totals as (
    select
        tap_date,
        hour,
        district_code,
        mode,
        count(*) as taps,
        count_if(is_boarding) as boardings,
        count_if(is_exit) as exits,
        min(first_batch_id) as first_batch_id
    from taps
    group by tap_date, hour, district_code, mode
),

delivered as (
    select
        *,
        min(first_batch_id) over (partition by tap_date) as first_batch_of_day
    from totals
),

named as (
    select
        totals.tap_date,
        totals.hour,
        totals.district_code,
        totals.mode,
        totals.taps,
        totals.boardings,
        totals.exits,
        {{ is_workday("totals.tap_date") }} as is_workday,
        coalesce(districts.district_zh, totals.district_code) as district_zh,
        coalesce(districts.district_en, totals.district_code) as district_en
    from delivered as totals
    left join {{ ref('dim_district') }} as districts on totals.district_code = districts.district_code
    where {{ is_covered('totals.first_batch_of_day', 'totals.tap_date', 'transit__card_tap') }}
)

select * from named
