{#- The city's wall clock for a UTC instant. -#}
{% macro local_time(instant) -%}
    from_utc_timestamp({{ instant }}, '{{ var("timezone") }}')
{%- endmacro %}

{#- The logical date in a batch id such as `hotline.ticket-20260901-r2`. -#}
{% macro batch_date(batch_id) -%}
    to_date(regexp_extract({{ batch_id }}, '-([0-9]{8})(-r[0-9]+)?$', 1), 'yyyyMMdd')
{%- endmacro %}

{#- Days that a delivery of the table covers, up to and with its logical date. -#}
{% macro covered_days(table) -%}
    {{ var('covered_days').get(table, 1) }}
{%- endmacro %}

{#- Whether the delivery that covers `day` has come: the first one that brought rows of it reaches no further back. -#}
{% macro is_covered(first_batch_id, day, table) -%}
    {{ batch_date(first_batch_id) }} <= date_add({{ day }}, {{ covered_days(table) }} - 1)
{%- endmacro %}

{#- Monday to Friday. (Not `weekday`: the embedded engine calls Sundays -1.) -#}
{% macro is_workday(day) -%}
    dayofweek({{ day }}) between 2 and 6
{%- endmacro %}
