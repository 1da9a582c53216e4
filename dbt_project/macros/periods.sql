{#- The first day of the period that holds `day`; `period` is a column: day, week, month, quarter or year. -#}
{% macro period_start(period, day) -%}
    case {{ period }}
        when 'day' then {{ day }}
        when 'week' then to_date(date_trunc('week', {{ day }}))
        when 'month' then to_date(date_trunc('month', {{ day }}))
        when 'quarter' then to_date(date_trunc('quarter', {{ day }}))
        when 'year' then to_date(date_trunc('year', {{ day }}))
    end
{%- endmacro %}

{#- The last day of the period that begins on `start`. -#}
{% macro period_end(period, start) -%}
    case {{ period }}
        when 'day' then {{ start }}
        when 'week' then date_add({{ start }}, 6)
        when 'month' then last_day({{ start }})
        when 'quarter' then date_sub(add_months({{ start }}, 3), 1)
        when 'year' then date_sub(add_months({{ start }}, 12), 1)
    end
{%- endmacro %}

{#- The first day of the month. -#}
{% macro month_of(day) -%}
    to_date(date_trunc('month', {{ day }}))
{%- endmacro %}

{#- How many days, up to its logical date, a delivery of the column `dataset` covers. -#}
{% macro dataset_days(dataset) -%}
    {%- set days = var('covered_days') -%}
    {%- if days -%}
        case {{ dataset }}
            {% for table, count in days.items() %}
            when '{{ table | replace('__', '.') }}' then {{ count }}
            {% endfor %}
            else 1
        end
    {%- else -%}
        1
    {%- endif -%}
{%- endmacro %}
