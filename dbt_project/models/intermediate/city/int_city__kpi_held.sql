-- A date is held where no revision of the delivery that covers it was accepted.
with deliveries as (
    select
        dataset,
        logical_date,
        max(case when is_current then verdict end) as verdict,
        max(case when is_current then reason_zh end) as reason_zh,
        max(case when is_current then reason_en end) as reason_en
    from {{ ref('fct_delivery') }}
    group by dataset, logical_date
    having not bool_or(status = 'done')
),

days as (
    select
        dataset,
        reason_zh,
        reason_en,
        explode(
            sequence(date_sub(logical_date, {{ dataset_days('dataset') }} - 1), logical_date, interval 1 day)
        ) as date
    from deliveries
    where verdict in ('hold', 'missing')
)

select * from days
