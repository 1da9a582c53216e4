-- What leaders read is what the domain marts say.
{{ config(tags=['city'], meta={'optional': ['kpi_transit_city_day', 'kpi_hotline_day']}) }}

with truth as (
    {% if available('kpi_transit_city_day') -%}
        select
            tap_date as date,
            'transit.boardings' as indicator_id,
            cast(boardings as double) as number
        from {{ ref('kpi_transit_city_day') }}
    {%- endif %}
    {{ 'union all' if available('kpi_transit_city_day') and available('kpi_hotline_day') }}
    {% if available('kpi_hotline_day') -%}
        select
            date,
            'hotline.opened' as indicator_id,
            cast(sum(opened) as double) as number
        from {{ ref('kpi_hotline_day') }}
        group by date
    {%- endif %}
)

select
    truth.date,
    truth.indicator_id,
    truth.number,
    overview.numerator
from truth
left join {{ ref('kpi_city_overview') }} as overview
    on truth.date = overview.date and truth.indicator_id = overview.indicator_id
where not coalesce(overview.is_grey or overview.numerator = truth.number, false)
