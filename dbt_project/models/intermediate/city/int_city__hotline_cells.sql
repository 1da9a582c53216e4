{#- Made from dbt_project/indicators by `govlake indicators build`; a test keeps it true. -#}
{{ config(meta={'optional': ['kpi_hotline_contact_day', 'kpi_hotline_day', 'kpi_hotline_ticket_month', 'kpi_hotline_callback_month', 'kpi_hotline_dispatch_month', 'kpi_hotline_policy_stance']}) }}

with cells as (
    {% if available('kpi_hotline_contact_day') -%}
        select
            date,
            area_code,
            stack(
                3,
                'hotline.connection', 1, n_1, d_1, cast(null as double), cast(null as double),
                'hotline.within_15_s', 1, n_2, d_2, cast(null as double), cast(null as double),
                'hotline.on_spot', 1, n_3, d_3, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                contacted_date as date,
                cast(null as string) as area_code,
                cast(sum(case when channel = 'phone' then answered_n end) as double) as n_1,
                cast(sum(case when channel = 'phone' then contacts end) as double) as d_1,
                cast(sum(case when channel = 'phone' then within_15_s_n end) as double) as n_2,
                cast(sum(case when channel = 'phone' then contacts end) as double) as d_2,
                cast(sum(on_spot_n) as double) as n_3,
                cast(sum(answered_n) as double) as d_3
            from {{ ref('kpi_hotline_contact_day') }}
            group by contacted_date
        ) as sums
    {%- endif %}
    {% if available('kpi_hotline_day') -%}
        {{ 'union all' if available('kpi_hotline_contact_day') }}
        select
            date,
            area_code,
            stack(
                6,
                'hotline.on_time', 1, n_1, d_1, cast(null as double), cast(null as double),
                'hotline.opened', 1, n_2, cast(null as double), cast(null as double), cast(null as double),
                'hotline.opened_transport', 1, n_3, cast(null as double), cast(null as double), cast(null as double),
                'hotline.overdue_open', 1, n_4, cast(null as double), cast(null as double), cast(null as double),
                'hotline.solved_noted', 1, n_5, d_5, cast(null as double), cast(null as double),
                'hotline.satisfied_noted', 1, n_6, d_6, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                date as date,
                district_code as area_code,
                cast(sum(on_time_n) as double) as n_1,
                cast(sum(on_time_d) as double) as d_1,
                cast(sum(opened) as double) as n_2,
                cast(sum(opened_transport) as double) as n_3,
                cast(sum(overdue_open) as double) as n_4,
                cast(sum(solved_n) as double) as n_5,
                cast(sum(callback_d) as double) as d_5,
                cast(sum(satisfied_n) as double) as n_6,
                cast(sum(callback_d) as double) as d_6
            from {{ ref('kpi_hotline_day') }}
            group by date, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_hotline_ticket_month') -%}
        {{ 'union all' if available('kpi_hotline_contact_day') or available('kpi_hotline_day') }}
        select
            date,
            area_code,
            stack(
                3,
                'hotline.excluded', 1, n_1, d_1, cast(null as double), cast(null as double),
                'hotline.repeat', 1, n_2, d_2, cast(null as double), cast(null as double),
                'hotline.tickets', 1, n_3, cast(null as double), cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                area_code as area_code,
                cast(sum(excluded_n) as double) as n_1,
                cast(sum(tickets) as double) as d_1,
                cast(sum(repeat_n) as double) as n_2,
                cast(sum(caller_d) as double) as d_2,
                cast(sum(tickets) as double) as n_3
            from {{ ref('kpi_hotline_ticket_month') }}
            group by month, area_code
        ) as sums
    {%- endif %}
    {% if available('kpi_hotline_callback_month') -%}
        {{ 'union all' if available('kpi_hotline_contact_day') or available('kpi_hotline_day') or available('kpi_hotline_ticket_month') }}
        select
            date,
            area_code,
            stack(
                8,
                'hotline.response_told', 1, n_1, d_1, cast(null as double), cast(null as double),
                'hotline.solved', 1, n_2, d_2, cast(null as double), cast(null as double),
                'hotline.solved_raw', 1, n_3, d_3, cast(null as double), cast(null as double),
                'hotline.satisfied', 1, n_4, d_4, cast(null as double), cast(null as double),
                'hotline.satisfied_raw', 1, n_5, d_5, cast(null as double), cast(null as double),
                'hotline.satisfied_at_least', 1, n_6, d_6, cast(null as double), cast(null as double),
                'hotline.satisfied_at_most', 1, n_7, d_7, cast(null as double), cast(null as double),
                'hotline.unreached', 1, n_8, d_8, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                area_code as area_code,
                cast(sum(responded_n) as double) as n_1,
                cast(sum(responded_d) as double) as d_1,
                cast(sum(solved_n) as double) as n_2,
                cast(sum(solved_d) as double) as d_2,
                cast(sum(solved_raw_n) as double) as n_3,
                cast(sum(solved_raw_d) as double) as d_3,
                cast(sum(satisfied_n) as double) as n_4,
                cast(sum(satisfied_d) as double) as d_4,
                cast(sum(satisfied_raw_n) as double) as n_5,
                cast(sum(satisfied_raw_d) as double) as d_5,
                cast(sum(satisfied_raw_n) as double) as n_6,
                cast(sum(callbacks) as double) as d_6,
                cast(sum(satisfied_raw_n + callbacks - satisfied_raw_d) as double) as n_7,
                cast(sum(callbacks) as double) as d_7,
                cast(sum(callbacks - reached) as double) as n_8,
                cast(sum(callbacks) as double) as d_8
            from {{ ref('kpi_hotline_callback_month') }}
            group by month, area_code
        ) as sums
    {%- endif %}
    {% if available('kpi_hotline_dispatch_month') -%}
        {{ 'union all' if available('kpi_hotline_contact_day') or available('kpi_hotline_day') or available('kpi_hotline_ticket_month') or available('kpi_hotline_callback_month') }}
        select
            date,
            area_code,
            stack(
                5,
                'hotline.response', 1, n_1, d_1, cast(null as double), cast(null as double),
                'hotline.returned', 1, n_2, d_2, cast(null as double), cast(null as double),
                'hotline.first_dispatch', 1, n_3, d_3, cast(null as double), cast(null as double),
                'hotline.hours_from_intake', 1, n_4, d_4, cast(null as double), cast(null as double),
                'hotline.hours_from_sign', 1, n_5, d_5, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                area_code as area_code,
                cast(sum(contact_n) as double) as n_1,
                cast(sum(contact_d) as double) as d_1,
                cast(sum(returned_n) as double) as n_2,
                cast(sum(dispatches) as double) as d_2,
                cast(sum(first_n) as double) as n_3,
                cast(sum(first_d) as double) as d_3,
                cast(sum(hours_from_intake) as double) as n_4,
                cast(sum(closed) as double) as d_4,
                cast(sum(hours_from_sign) as double) as n_5,
                cast(sum(closed) as double) as d_5
            from {{ ref('kpi_hotline_dispatch_month') }}
            group by month, area_code
        ) as sums
    {%- endif %}
    {% if available('kpi_hotline_policy_stance') -%}
        {{ 'union all' if available('kpi_hotline_contact_day') or available('kpi_hotline_day') or available('kpi_hotline_ticket_month') or available('kpi_hotline_callback_month') or available('kpi_hotline_dispatch_month') }}
        select
            date,
            area_code,
            stack(
                1,
                'hotline.support', 1, n_1, d_1, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                cast(null as string) as area_code,
                cast(sum(support_n) as double) as n_1,
                cast(sum(stance_d) as double) as d_1
            from {{ ref('kpi_hotline_policy_stance') }}
            group by month
        ) as sums
    {%- endif %}
)

select * from cells
