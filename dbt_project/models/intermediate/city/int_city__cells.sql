{#- Made from dbt_project/indicators by `govlake indicators build`; a test keeps it true. -#}
{%- set domains = [
    'int_city__transit_cells',
    'int_city__safety_cells',
    'int_city__services_cells',
    'int_city__health_cells',
    'int_city__hotline_cells',
] -%}
{{ config(meta={'optional': domains}) }}

with cells as (
    {% for name in domains if available(name) -%}
        {{ 'union all' if not loop.first }}
        select * from {{ ref(name) }}
    {% endfor %}
)

select * from cells
