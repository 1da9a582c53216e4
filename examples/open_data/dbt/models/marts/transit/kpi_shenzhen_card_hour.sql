with uses as (
    select * from {{ ref('stg_shenzhen__card_uses') }}
),

totals as (
    select
        business_date,
        tap_date,
        hour,
        operator,
        mode,
        tap_date < business_date as is_of_the_night_before,
        count(*) as taps,
        count_if(is_boarding) as boardings,
        count_if(is_exit) as exits,
        {{ cny('sum(due_fen)') }} as due_cny,
        {{ cny('sum(paid_fen)') }} as revenue_cny
    from uses
    group by business_date, tap_date, hour, operator, mode, tap_date < business_date
)

select * from totals
