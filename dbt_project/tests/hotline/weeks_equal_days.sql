-- Tickets by week and topic are the tickets by day.
{{ config(tags=['hotline']) }}

with days as (
    select
        to_date(date_trunc('week', date)) as week,
        district_code,
        sum(opened) as opened
    from {{ ref('kpi_hotline_day') }}
    group by to_date(date_trunc('week', date)), district_code
),

weeks as (
    select
        week,
        district_code,
        sum(opened) as opened
    from {{ ref('kpi_hotline_topic_week') }}
    group by week, district_code
)

select
    days.week,
    days.district_code,
    days.opened,
    weeks.opened as opened_by_topic
from days
full outer join weeks on days.week = weeks.week and days.district_code = weeks.district_code
where coalesce(days.opened, 0) <> coalesce(weeks.opened, 0)
