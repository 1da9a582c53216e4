{#- True where the optional input `name` can be built: a city need not have every domain. -#}
{% macro available(name) -%}
    {{ return(name not in var('absent')) }}
{%- endmacro %}
