{{ config(day_column='called_date', day_source='safety__call') }}

with calls as (
    select * from {{ ref('stg_safety__calls') }}
    where {{ touched('called_date') }}
),

totals as (
    select
        called_date,
        district_code,
        call_class,
        count(*) as calls,
        count_if(is_duplicate) as duplicates,
        count_if(is_valid and not is_duplicate) as incidents,
        count_if(is_valid and not is_duplicate and call_subclass = 'telecom_fraud') as telecom_fraud
    from calls
    where district_code is not null
    group by called_date, district_code, call_class
)

select * from totals
