{{ config(day_column='tap_date', day_source='transit__card_tap') }}

with taps as (
    select * from {{ ref('stg_transit__card_taps') }}
    where {{ touched('tap_date') }}
),

totals as (
    select
        tap_date,
        district_code,
        line_id,
        count(*) as taps,
        count_if(is_boarding) as boardings,
        count_if(is_boarding and card_kind = 'senior') as senior_boardings,
        {{ cny('sum(due_fen)') }} as due_cny,
        {{ cny('sum(paid_fen)') }} as revenue_cny,
        {{ cny('sum(due_fen) - sum(paid_fen)') }} as discount_cny,
        min(first_batch_id) as first_batch_id
    from taps
    group by tap_date, district_code, line_id
),

riders as (
    {{ riders('tap_date, district_code, line_id', 'taps') }}
),

-- Late taps of a day whose own delivery has not come are not a day's ridership.
delivered as (
    select
        *,
        min(first_batch_id) over (partition by tap_date) as first_batch_of_day
    from totals
),

named as (
    select
        totals.tap_date,
        totals.district_code,
        totals.line_id,
        totals.taps,
        totals.boardings,
        coalesce(riders.riders, 0) as riders,
        totals.senior_boardings,
        totals.due_cny,
        totals.revenue_cny,
        totals.discount_cny,
        coalesce(districts.district_zh, totals.district_code) as district_zh,
        coalesce(districts.district_en, totals.district_code) as district_en,
        coalesce(lines.line_zh, totals.line_id) as line_zh,
        coalesce(lines.line_en, totals.line_id) as line_en,
        case when totals.line_id like 'M%' then 'metro' else 'bus' end as mode
    from delivered as totals
    left join riders
        on
            totals.tap_date = riders.tap_date
            and totals.district_code <=> riders.district_code
            and totals.line_id <=> riders.line_id
    left join {{ ref('dim_district') }} as districts on totals.district_code = districts.district_code
    left join {{ ref('dim_line') }} as lines on totals.line_id = lines.line_id
    where {{ is_covered('totals.first_batch_of_day', 'totals.tap_date', 'transit__card_tap') }}
)

select * from named
