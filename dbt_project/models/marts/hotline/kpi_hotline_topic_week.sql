with tickets as (
    select
        tickets.*,
        to_date(date_trunc('week', tickets.opened_date)) as week
    from {{ ref('stg_hotline__tickets') }} as tickets
    inner join {{ ref('int_hotline__covered_days') }} as days on tickets.opened_date = days.date
),

covered as (
    select
        to_date(date_trunc('week', date)) as week,
        count(*) as days
    from {{ ref('int_hotline__covered_days') }}
    group by to_date(date_trunc('week', date))
),

totals as (
    select
        week,
        district_code,
        topic,
        count(*) as opened,
        count_if(ticket_type in ('complaint', 'report')) as complaints,
        count_if(closed_at is not null) as closed,
        count_if(is_valid_callback and is_satisfied) as satisfied_n,
        count_if(is_valid_callback) as callback_d
    from tickets
    group by week, district_code, topic
),

named as (
    select
        totals.week,
        totals.district_code,
        totals.topic,
        totals.opened,
        totals.complaints,
        totals.closed,
        totals.satisfied_n,
        totals.callback_d,
        covered.days = 7 as is_complete_week,
        coalesce(
            totals.week = max(case when covered.days = 7 then totals.week end) over (), false
        ) as is_latest_complete,
        coalesce(districts.district_zh, totals.district_code) as district_zh,
        coalesce(districts.district_en, totals.district_code) as district_en,
        coalesce(topics.topic_zh, totals.topic) as topic_zh,
        coalesce(topics.topic_en, totals.topic) as topic_en
    from totals
    inner join covered on totals.week = covered.week
    left join {{ ref('dim_district') }} as districts on totals.district_code = districts.district_code
    left join {{ ref('dim_topic') }} as topics on totals.topic = topics.topic
)

select * from named
