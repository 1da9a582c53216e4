with requests as (
    select * from {{ ref('stg_boston__requests') }}
),

totals as (
    select
        month,
        agency,
        neighbourhood,
        count(*) as opened,
        count_if(closed_at is not null) as closed,
        count_if(closed_at is null) as still_open,
        count_if(is_promised and is_on_time) as on_time_n,
        count_if(is_promised) as on_time_d,
        coalesce(sum(unix_timestamp(closed_at) - unix_timestamp(opened_at)), 0) / 3600 as close_hours
    from requests
    group by month, agency, neighbourhood
)

select * from totals
