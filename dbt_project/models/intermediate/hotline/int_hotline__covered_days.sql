with tickets as (
    select * from {{ ref('stg_hotline__tickets') }}
),

delivered as (
    select first_delivered_date
    from tickets
    group by first_delivered_date
),

covered as (
    select
        explode(
            sequence(
                date_sub(first_delivered_date, {{ covered_days('hotline__ticket') }} - 1),
                first_delivered_date,
                interval 1 day
            )
        ) as date
    from delivered
),

days as (
    select date
    from covered
    group by date
)

select * from days
