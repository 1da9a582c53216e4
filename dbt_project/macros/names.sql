{#- A model lives in exactly the schema its folder names: staging, intermediate or gold. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}

{#- The lake is its own catalogue: gold/<domain>/<model>, the domain being the folder the model lies in. -#}
{% macro mart_location() -%}
    {{ var('lake') }}/gold/{{ model.fqn[-2] }}/{{ model.alias }}
{%- endmacro %}
