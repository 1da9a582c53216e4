with accounts as (
    select * from {{ ref('stg_coordination__accounts') }}
),

totals as (
    select
        batch_id,
        cast(sum(landed) as bigint) as landed_rows,
        cast(sum(bronze) as bigint) as bronze_rows,
        cast(sum(silver_new) as bigint) as new_rows,
        cast(sum(silver_updated) as bigint) as updated_rows,
        cast(sum(unchanged) as bigint) as unchanged_rows,
        cast(sum(duplicate) as bigint) as duplicate_rows,
        cast(sum(superseded) as bigint) as superseded_rows,
        cast(sum(quarantined) as bigint) as quarantined_rows,
        bool_and(closes) as closes
    from accounts
    group by batch_id
)

select * from totals
