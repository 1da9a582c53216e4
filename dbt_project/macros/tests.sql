{#-
Tests of a mart, each in one pass over what was built of it. Where only some days were, a test that tells of each row by
itself, or of rows of one day, looks at those days: the others were tested when they were built.
-#}

{#- What a test reads of a mart; dbt asks for it under this name. -#}
{% macro default__get_where_subquery(relation) -%}
    {%- set mart = relation.identifier -%}
    {%- set day = var('day_columns').get(mart) -%}
    {%- set test = model.test_metadata -%}
    {%- set by_row = test.name in ('never_null', 'never_negative', 'part_of_whole', 'only_values') -%}
    {%- set by_day = test.name == 'unique_combination' and day in test.kwargs.get('columns', []) -%}
    {%- if mart in var('touched') and day and (by_row or by_day) -%}
        (select * from {{ relation }} where {{ among_days(day, var('touched')[mart]) }}) as built
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}

{% test unique_combination(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as copies
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{% test never_null(model, columns) %}
    select * from {{ model }}
    where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}

{% test never_negative(model, columns) %}
    select * from {{ model }}
    where {% for column in columns %}{{ column }} < 0{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}

{#- `parts` is a list of [part, whole]: a numerator never exceeds its denominator. -#}
{% test part_of_whole(model, parts) %}
    select * from {{ model }}
    where {% for part, whole in parts %}{{ part }} > {{ whole }}{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}

{% test only_values(model, column, values) %}
    select * from {{ model }}
    where {{ column }} not in ({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
{% endtest %}
