with tickets as (
    select * from {{ ref('stg_hotline__tickets') }}
),

span as (
    select
        min(date) as first_date,
        max(date) as last_date
    from {{ ref('int_hotline__covered_days') }}
),

weeks as (
    select
        to_date(date_trunc('week', opened_date)) as week,
        district_code,
        topic,
        count(*) as opened,
        count_if(ticket_type in ('complaint', 'report')) as complaints,
        count_if(closed_at is not null) as closed,
        count_if(is_valid_callback and is_satisfied) as satisfied_n,
        count_if(is_valid_callback) as callback_d
    from tickets
    cross join span
    where opened_date between span.first_date and span.last_date
    group by to_date(date_trunc('week', opened_date)), district_code, topic
),

named as (
    select
        weeks.week,
        weeks.district_code,
        weeks.topic,
        weeks.opened,
        weeks.complaints,
        weeks.closed,
        weeks.satisfied_n,
        weeks.callback_d,
        weeks.week >= span.first_date and date_add(weeks.week, 6) <= span.last_date as is_complete_week,
        coalesce(districts.district_zh, weeks.district_code) as district_zh,
        coalesce(districts.district_en, weeks.district_code) as district_en,
        coalesce(topics.topic_zh, weeks.topic) as topic_zh,
        coalesce(topics.topic_en, weeks.topic) as topic_en
    from weeks
    cross join span
    left join {{ ref('dim_district') }} as districts on weeks.district_code = districts.district_code
    left join {{ ref('dim_topic') }} as topics on weeks.topic = topics.topic
)

select * from named
