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
        count(distinct rider) as riders,
        {{ cny('sum(due_fen)') }} as due_cny,
        {{ cny('sum(paid_fen)') }} as revenue_cny,
        min(first_batch_id) as first_batch_id
    from taps
    group by tap_date
),

delivered as (
    select
        tap_date,
        taps,
        boardings,
        riders,
        due_cny,
        revenue_cny,
        {{ is_workday("tap_date") }} as is_workday
    from totals
    where {{ is_covered('first_batch_id', 'tap_date', 'transit__card_tap') }}
)

select * from delivered
