{#-
A mart: a Delta table at a known place, replaced whole or, with `day_column`, only in its touched days.
One statement and one commit either way, so a reader never sees half of it and running twice equals running once.
The option lets a whole mart change its columns; the embedded engine refuses new ones without it. The properties say of
what the table's log tells.
-#}
{% materialization mart, adapter='spark' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {%- if existing is none or not is_partial() -%}
            create or replace table {{ target_relation }} using delta
            options ('overwriteSchema' = 'true') location '{{ mart_location() }}'
            tblproperties (
                {%- for name, value in var('log_keeps')[model.name].items() -%}
                    '{{ name }}' = '{{ value }}' {{- ', ' if not loop.last }}
                {%- endfor -%}
            ) as
            {{ sql }}
        {%- else -%}
            {%- set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | join(', ') -%}
            insert into {{ target_relation }} replace where {{ touched(config.require('day_column')) }}
            select {{ columns }} from ({{ sql }})
        {%- endif -%}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{#- True where the caller named the days to rebuild. -#}
{% macro is_partial() -%}
    {{ return(model.name in var('touched')) }}
{%- endmacro %}

{#- The condition that picks the days to rebuild: every day unless the caller named some. -#}
{% macro touched(day_column) -%}
    {{ among_days(day_column, var('touched')[model.name]) if is_partial() else 'true' }}
{%- endmacro %}

{#- True on the named days. -#}
{% macro among_days(day_column, days) -%}
    {{ day_column }} in (
        {%- for day in days -%}
            date'{{ day }}'{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
