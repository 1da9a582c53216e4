{#- Tests of a whole mart, each in one pass over it. -#}

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
