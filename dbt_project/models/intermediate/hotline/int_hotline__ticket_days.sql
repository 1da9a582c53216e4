with tickets as (
    select * from {{ ref('stg_hotline__tickets') }}
),

opened as (
    select
        opened_date as date,
        district_code,
        count(*) as opened,
        count_if(topic = 'transport') as opened_transport
    from tickets
    group by opened_date, district_code
),

closed as (
    select
        closed_date as date,
        district_code,
        count(*) as closed,
        count_if(is_valid_callback and is_solved) as solved_n,
        count_if(is_valid_callback and is_satisfied) as satisfied_n,
        count_if(is_valid_callback) as callback_d,
        count_if(callback in ('unreachable', 'refused')) as unreached,
        sum(unix_timestamp(closed_at) - unix_timestamp(opened_at)) / 3600 as close_hours,
        count_if(due_at is not null and not is_closed_on_time) as closed_late
    from tickets
    where closed_date is not null
    group by closed_date, district_code
),

due as (
    select
        due_date as date,
        district_code,
        count(*) as on_time_d,
        count_if(is_closed_on_time) as on_time_n
    from tickets
    where due_date is not null
    group by due_date, district_code
),

days as (
    select
        opened.date,
        opened.district_code
    from opened
    union
    select
        closed.date,
        closed.district_code
    from closed
    union
    select
        due.date,
        due.district_code
    from due
),

counted as (
    select
        days.date,
        days.district_code,
        coalesce(opened.opened, 0) as opened,
        coalesce(opened.opened_transport, 0) as opened_transport,
        coalesce(closed.closed, 0) as closed,
        coalesce(closed.solved_n, 0) as solved_n,
        coalesce(closed.satisfied_n, 0) as satisfied_n,
        coalesce(closed.callback_d, 0) as callback_d,
        coalesce(closed.unreached, 0) as unreached,
        coalesce(closed.close_hours, cast(0 as double)) as close_hours,
        coalesce(due.on_time_d, 0) as on_time_d,
        coalesce(due.on_time_n, 0) as on_time_n,
        coalesce(due.on_time_d, 0)
        - coalesce(due.on_time_n, 0)
        - coalesce(closed.closed_late, 0) as overdue_change
    from days
    left join opened on days.date = opened.date and days.district_code = opened.district_code
    left join closed on days.date = closed.date and days.district_code = closed.district_code
    left join due on days.date = due.date and days.district_code = due.district_code
)

select * from counted
