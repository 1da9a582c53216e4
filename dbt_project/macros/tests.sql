{#-
What must hold of a mart's rows, all of it asked at once. Each condition is a column of the result, named by its rule and
columns, with the number of rows (of keys, for `unique`) that break it; a sound mart has no result.
Where only some days of a mart were built and its key has the day, these are looked at: the others were when they were built.
-#}

{#- What a test reads of a mart; dbt asks for it under this name. -#}
{% macro default__get_where_subquery(relation) -%}
    {%- set mart = relation.identifier -%}
    {%- set day = var('day_columns').get(mart) -%}
    {%- set test = model.test_metadata -%}
    {%- if mart in var('touched') and day and test.name == 'sound' and day in test.kwargs['unique'] -%}
        (select * from {{ relation }} where {{ among_days(day, var('touched')[mart]) }}) as built
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- `part_of_whole` is a list of [part, whole]: a numerator never exceeds its denominator. -#}
{% test sound(model, unique, never_null=[], never_negative=[], part_of_whole=[], only_values={}) %}
    {%- set broken = {} -%}
    {%- for column in never_null -%}
        {%- do broken.update({'never_null ' ~ column: column ~ ' is null'}) -%}
    {%- endfor -%}
    {%- for column in never_negative -%}
        {%- do broken.update({'never_negative ' ~ column: column ~ ' < 0'}) -%}
    {%- endfor -%}
    {%- for part, whole in part_of_whole -%}
        {%- do broken.update({'part_of_whole ' ~ part ~ ' ' ~ whole: part ~ ' > ' ~ whole}) -%}
    {%- endfor -%}
    {%- for column, values in only_values.items() -%}
        {%- do broken.update({'only_values ' ~ column: column ~ " not in ('" ~ values | join("', '") ~ "')"}) -%}
    {%- endfor -%}
    with by_key as (
        select count(*) as `unique {{ unique | join(' ') }}`
        from (select 1 as one from {{ model }} group by {{ unique | join(', ') }} having count(*) > 1) as repeated
    ),

    by_row as (
        select
            count(*) as rows_read
            {%- for name, condition in broken.items() %},
            count_if({{ condition }}) as `{{ name }}`
            {%- endfor %}
        from {{ model }}
    )

    select * from by_key
    cross join by_row
    where `unique {{ unique | join(' ') }}` > 0 {%- for name in broken %} or `{{ name }}` > 0 {%- endfor %}
{% endtest %}
