-- Tickets opened in a complete week are those opened on its days, as far as each day was delivered.
{{ config(tags=['hotline']) }}

with days as (
    select
        to_date(date_trunc('week', date)) as week,
        district_code,
        sum(opened) as opened,
        count(distinct date) as days
    from {{ ref('kpi_hotline_day') }}
    group by to_date(date_trunc('week', date)), district_code
),

weeks as (
    select
        week,
        district_code,
        sum(opened) as opened
    from {{ ref('kpi_hotline_topic_week') }}
    where is_complete_week
    group by week, district_code
)

select
    weeks.week,
    weeks.district_code,
    weeks.opened,
    days.opened as opened_by_days
from weeks
inner join days on weeks.week = days.week and weeks.district_code = days.district_code
where days.days = 7 and weeks.opened <> days.opened
