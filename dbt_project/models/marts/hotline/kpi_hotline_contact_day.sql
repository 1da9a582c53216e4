{{ config(day_column='contacted_date', day_source='hotline__contact') }}

with contacts as (
    select * from {{ ref('stg_hotline__contacts') }}
    where {{ touched('contacted_date') }}
),

totals as (
    select
        contacted_date,
        channel,
        count(*) as contacts,
        count_if(is_answered) as answered_n,
        count_if(is_answered and queue_s <= 15) as within_15_s_n,
        count_if(is_answered and is_on_spot) as on_spot_n,
        cast(coalesce(sum(case when is_answered then queue_s end), 0) as bigint) as queue_s,
        cast(coalesce(sum(talk_s), 0) as bigint) as talk_s
    from contacts
    group by contacted_date, channel
)

select * from totals
