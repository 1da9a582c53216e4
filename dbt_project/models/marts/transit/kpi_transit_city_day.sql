{{ config(day_column='tap_date', day_source='transit__card_tap') }}

with taps as (
    select * from {{ ref('stg_transit__card_taps') }}
    where {{ touched('tap_date') }}
),

totals as (
    select
        tap_date,
        count(*) as taps,
        count_if(is_boarding) as boardings,
        {{ cny('sum(due_fen)') }} as due_cny,
        {{ cny('sum(paid_fen)') }} as revenue_cny,
        min(first_batch_id) as first_batch_id
    from taps
    group by tap_date
),

riders as (
    {{ riders('tap_date', 'taps') }}
),

delivered as (
    select
        totals.tap_date,
        totals.taps,
        totals.boardings,
        coalesce(riders.riders, 0) as riders,
        totals.due_cny,
        totals.revenue_cny,
        {{ is_workday("totals.tap_date") }} as is_workday
    from totals
    left join riders on totals.tap_date = riders.tap_date
    where {{ is_covered('totals.first_batch_id', 'totals.tap_date', 'transit__card_tap') }}
)

select * from delivered
