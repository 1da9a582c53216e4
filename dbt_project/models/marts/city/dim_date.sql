with days as (
    select * from {{ ref('int_city__calendar') }}
),

described as (
    select
        date,
        to_date(date_trunc('week', date)) as week,
        to_date(date_trunc('month', date)) as month,
        to_date(date_trunc('quarter', date)) as quarter,
        year(date) as year,
        is_workday,
        holiday_zh,
        cast(
            sum(case when is_workday then 1 else 0 end) over (
                order by date
                rows between unbounded preceding and current row
            ) as bigint
        ) as workday_number
    from days
)

select * from described
