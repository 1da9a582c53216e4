with days as (
    select
        date,
        cast(sum(opened) as double) as opened,
        cast(sum(opened_transport) as double) as opened_transport,
        cast(sum(overdue_open) as double) as overdue_open,
        cast(sum(on_time_n) as double) as on_time_n,
        cast(sum(on_time_d) as double) as on_time_d,
        cast(sum(solved_n) as double) as solved_n,
        cast(sum(satisfied_n) as double) as satisfied_n,
        cast(sum(callback_d) as double) as callback_d
    from {{ ref('kpi_hotline_day') }}
    group by date
)

select
    date,
    stack(
        6,
        'tickets_opened', opened, cast(null as double),
        'tickets_transport', opened_transport, cast(null as double),
        'overdue_open', overdue_open, cast(null as double),
        'on_time_rate', on_time_n, on_time_d,
        'solved_rate', solved_n, callback_d,
        'satisfaction_rate', satisfied_n, callback_d
    ) as (indicator_id, numerator, denominator)
from days
