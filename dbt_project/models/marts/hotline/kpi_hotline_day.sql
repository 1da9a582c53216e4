with ticket_days as (
    select * from {{ ref('int_hotline__ticket_days') }}
),

districts as (
    select district_code
    from ticket_days
    group by district_code
),

district_days as (
    select
        days.date,
        districts.district_code
    from {{ ref('int_hotline__covered_days') }} as days
    cross join districts
),

-- The stock needs every change since the first ticket, also on days that are not shown.
everything as (
    select
        coalesce(district_days.date, ticket_days.date) as date,
        coalesce(district_days.district_code, ticket_days.district_code) as district_code,
        district_days.date is not null as is_shown,
        coalesce(ticket_days.opened, 0) as opened,
        coalesce(ticket_days.opened_transport, 0) as opened_transport,
        coalesce(ticket_days.closed, 0) as closed,
        coalesce(ticket_days.on_time_n, 0) as on_time_n,
        coalesce(ticket_days.on_time_d, 0) as on_time_d,
        coalesce(ticket_days.solved_n, 0) as solved_n,
        coalesce(ticket_days.satisfied_n, 0) as satisfied_n,
        coalesce(ticket_days.callback_d, 0) as callback_d,
        coalesce(ticket_days.unreached, 0) as unreached,
        coalesce(ticket_days.close_hours, cast(0 as double)) as close_hours,
        coalesce(ticket_days.overdue_change, 0) as overdue_change
    from district_days
    full outer join ticket_days
        on district_days.date = ticket_days.date and district_days.district_code = ticket_days.district_code
),

stock as (
    select
        *,
        sum(overdue_change) over (
            partition by district_code
            order by date
            rows between unbounded preceding and current row
        ) as overdue_open
    from everything
),

named as (
    select
        stock.date,
        stock.district_code,
        stock.opened,
        stock.opened_transport,
        stock.closed,
        stock.on_time_n,
        stock.on_time_d,
        stock.solved_n,
        stock.satisfied_n,
        stock.callback_d,
        stock.unreached,
        stock.overdue_open,
        stock.close_hours,
        coalesce(names.district_zh, stock.district_code) as district_zh,
        coalesce(names.district_en, stock.district_code) as district_en
    from stock
    left join {{ ref('dim_district') }} as names on stock.district_code = names.district_code
    where stock.is_shown
)

select * from named
