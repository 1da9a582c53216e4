{#- Riders by `keys`, told apart as rows, not as a set within one value: an engine puts to its disk the rows that its memory
    does not hold. -#}
{% macro riders(keys, taps) -%}
    select
        {{ keys }},
        count(*) as riders
    from (
        select distinct
            {{ keys }},
            rider
        from {{ taps }}
        where rider is not null
    ) as told_apart
    group by {{ keys }}
{%- endmacro %}
