{{ config(day_column='dispatched_date', day_source='safety__response') }}

with responses as (
    select * from {{ ref('stg_safety__responses') }}
    where {{ touched('dispatched_date') }}
),

placed as (
    select
        responses.*,
        calls.district_code,
        calls.call_class = 'dispute' as is_dispute,
        responses.arrival_s >= 0 as is_arrival_known
    from responses
    inner join {{ ref('stg_safety__calls') }} as calls on responses.call_id = calls.call_id
),

totals as (
    select
        dispatched_date,
        district_code,
        count(*) as responses,
        count_if(coalesce(is_arrival_known, false)) as arrivals,
        count_if(is_arrival_known and arrival_s <= {{ var('arrival_limit_s') }}) as in_time_n,
        cast(coalesce(sum(case when is_arrival_known then arrival_s end), 0) as bigint) as arrival_s,
        cast(percentile(case when is_arrival_known then arrival_s end, 0.5) as double) as arrival_median_s,
        count_if(is_dispute) as disputes,
        count_if(is_dispute and is_mediated) as mediated_n
    from placed
    where district_code is not null
    group by dispatched_date, district_code
)

select * from totals
