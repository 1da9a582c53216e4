{#- A total equals the rows it counts: nothing is lost, and no join counts twice. -#}
{% test counts_every_row(model, column, of, condition='true') %}
    select
        shown.total,
        found.total as rows_found
    from (select coalesce(sum({{ column }}), 0) as total from {{ model }}) as shown
    cross join (select count(*) as total from {{ of }} where {{ condition }}) as found
    where shown.total <> found.total
{% endtest %}
