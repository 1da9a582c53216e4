with deliveries as (
    select * from {{ ref('stg_coordination__deliveries') }}
),

totals as (
    select * from {{ ref('int_coordination__batch_totals') }}
),

judged as (
    select
        deliveries.batch_id,
        deliveries.dataset,
        deliveries.dataset_zh,
        deliveries.dataset_en,
        deliveries.department,
        deliveries.department_zh,
        deliveries.department_en,
        deliveries.domain,
        deliveries.logical_date,
        deliveries.revision,
        deliveries.status,
        deliveries.verdict,
        deliveries.due_at,
        deliveries.delivered_at,
        deliveries.reason_zh,
        deliveries.reason_en,
        totals.closes,
        row_number() over (
            partition by deliveries.dataset, deliveries.logical_date
            order by deliveries.revision desc
        ) = 1 as is_current,
        deliveries.delivered_at is not null
        and (deliveries.due_at is null or deliveries.delivered_at <= deliveries.due_at) as is_on_time,
        round(
            (unix_timestamp(deliveries.delivered_at) - unix_timestamp(deliveries.due_at)) / 3600, 2
        ) as delay_h,
        coalesce(totals.landed_rows, 0) as landed_rows,
        coalesce(totals.bronze_rows, 0) as bronze_rows,
        coalesce(totals.new_rows, 0) as new_rows,
        coalesce(totals.updated_rows, 0) as updated_rows,
        coalesce(totals.unchanged_rows, 0) as unchanged_rows,
        coalesce(totals.duplicate_rows, 0) as duplicate_rows,
        coalesce(totals.superseded_rows, 0) as superseded_rows,
        coalesce(totals.quarantined_rows, 0) as quarantined_rows
    from deliveries
    left join totals on deliveries.batch_id = totals.batch_id
)

select * from judged
