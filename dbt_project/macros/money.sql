{#- Fen as yuan, exactly. -#}
{% macro cny(fen) -%}
    cast(cast({{ fen }} as decimal(18, 0)) / 100 as decimal(18, 2))
{%- endmacro %}
