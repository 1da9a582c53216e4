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

-- Told apart as rows, not as a set within one value: an engine puts to its disk the rows that its memory does not hold.
riders_of_day as (
    select distinct
        tap_date,
        rider
    from taps
    where rider is not null
),

riders as (
    select
        tap_date,
        count(*) as riders
    from riders_of_day
    group by tap_date
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
