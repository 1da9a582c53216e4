with days as (
    select * from {{ ref('kpi_transit_city_day') }}
)

select
    tap_date as date,
    stack(
        4,
        'boardings', cast(boardings as double), cast(null as double),
        'riders', cast(riders as double), cast(null as double),
        'revenue_cny', cast(revenue_cny as double), cast(null as double),
        'discount_rate', cast(due_cny - revenue_cny as double), cast(due_cny as double)
    ) as (indicator_id, numerator, denominator)
from days
