with messages as (
    select
        *,
        row_number() over (partition by body_hash order by asked_at, message_id) > 1 as is_repeat
    from {{ ref('stg_message_board__replies') }}
),

totals as (
    select
        month,
        count(*) as messages,
        count_if(is_repeat) as repeats,
        count_if(delay_days is not null) as replied,
        count_if(delay_days <= 15) as within_15d_n,
        count_if(delay_days <= 30) as within_30d_n,
        round(coalesce(sum(delay_days), cast(0 as double)), 3) as delay_days,
        round(median(delay_days), 3) as median_days,
        round(max(delay_days), 3) as longest_days
    from messages
    group by month
)

select * from totals
