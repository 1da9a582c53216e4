{#- Hours within which the requester must be contacted, by the ticket's urgency. -#}
{% macro contact_limit_h(urgency) -%}
    case {{ urgency }}
        {% for name, hours in var('contact_limit_h').items() %}
        when '{{ name }}' then {{ hours }}
        {% endfor %}
        else {{ var('contact_limit_h')['general'] }}
    end
{%- endmacro %}
