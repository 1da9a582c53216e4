with offences as (
    {% for table in ['safety__theft', 'safety__burglary'] if available(table) -%}
        {{ 'union all' if not loop.first }}
        select
            kind,
            occurred_date,
            district,
            from_hour
        from {{ source('open_data', table) }}
    {% endfor %}
)

select
    kind,
    occurred_date,
    from_hour,
    coalesce(district, '') as district,
    to_date(date_trunc('month', occurred_date)) as month
from offences
