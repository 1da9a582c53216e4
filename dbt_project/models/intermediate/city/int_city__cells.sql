{{ config(meta={'optional': [
    'int_city__transit_cells', 'int_city__safety_cells', 'int_city__services_cells', 'int_city__health_cells',
    'int_city__hotline_cells'
]}) }}

{%- set found = [] -%}
{%- for domain in ['transit', 'safety', 'services', 'health', 'hotline'] -%}
    {%- if available('int_city__' ~ domain ~ '_cells') -%}
        {%- do found.append('int_city__' ~ domain ~ '_cells') -%}
    {%- endif -%}
{%- endfor %}

with cells as (
    {% for name in found -%}
        {{ 'union all' if not loop.first }}
        select * from {{ ref(name) }}
    {% endfor %}
)

select * from cells
