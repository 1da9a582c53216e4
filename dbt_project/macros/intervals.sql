{#-
What chance leaves open, at 95 %. Wilson (1927) for a share: n of d are so. Byar's approximation to the exact Poisson
interval for events: n were counted. Both are null where nothing was counted over anything.
-#}
{% macro wilson(n, d, sign) -%}
    case when {{ d }} > 0 then
        ({{ n }} / {{ d }} + 1.9207294103470914 / {{ d }} {{ sign }} 1.959963984540054 * sqrt(
            greatest({{ n }} / {{ d }} * (1 - {{ n }} / {{ d }}), 0) / {{ d }} + 0.9603647051735457 / ({{ d }} * {{ d }})
        )) / (1 + 3.841458820694124 / {{ d }})
    end
{%- endmacro %}

{% macro byar_low(n) -%}
    case
        when {{ n }} = 0 then cast(0 as double)
        when {{ n }} > 0 then {{ n }} * power(1 - 1 / (9 * {{ n }}) - 1.959963984540054 / (3 * sqrt({{ n }})), 3)
    end
{%- endmacro %}

{% macro byar_high(n) -%}
    case when {{ n }} >= 0 then
        ({{ n }} + 1)
        * power(1 - 1 / (9 * ({{ n }} + 1)) + 1.959963984540054 / (3 * sqrt({{ n }} + 1)), 3)
    end
{%- endmacro %}
