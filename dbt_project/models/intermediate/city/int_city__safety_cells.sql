{#- Made from dbt_project/indicators by `govlake indicators build`; a test keeps it true. -#}
{{ config(meta={'optional': ['kpi_safety_call_day', 'kpi_safety_response_day', 'kpi_safety_case_month', 'kpi_safety_district_month']}) }}

with cells as (
    {% if available('kpi_safety_call_day') -%}
        select
            date,
            area_code,
            stack(
                2,
                'safety.valid_share', 1, n_1, d_1, cast(null as double), cast(null as double),
                'safety.duplicate_share', 1, n_2, d_2, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                called_date as date,
                district_code as area_code,
                cast(sum(incidents) as double) as n_1,
                cast(sum(calls) as double) as d_1,
                cast(sum(duplicates) as double) as n_2,
                cast(sum(calls) as double) as d_2
            from {{ ref('kpi_safety_call_day') }}
            group by called_date, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_safety_response_day') -%}
        {{ 'union all' if available('kpi_safety_call_day') }}
        select
            date,
            area_code,
            stack(
                4,
                'safety.arrival_in_time', 1, n_1, d_1, cast(null as double), cast(null as double),
                'safety.arrival_unknown', 1, n_2, d_2, cast(null as double), cast(null as double),
                'safety.arrival_mean', 1, n_3, d_3, cast(null as double), cast(null as double),
                'safety.mediation', 1, n_4, d_4, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                dispatched_date as date,
                district_code as area_code,
                cast(sum(in_time_n) as double) as n_1,
                cast(sum(arrivals) as double) as d_1,
                cast(sum(responses - arrivals) as double) as n_2,
                cast(sum(responses) as double) as d_2,
                cast(sum(arrival_s) as double) as n_3,
                cast(sum(arrivals) as double) as d_3,
                cast(sum(mediated_n) as double) as n_4,
                cast(sum(disputes) as double) as d_4
            from {{ ref('kpi_safety_response_day') }}
            group by dispatched_date, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_safety_case_month') -%}
        {{ 'union all' if available('kpi_safety_call_day') or available('kpi_safety_response_day') }}
        select
            date,
            area_code,
            stack(
                2,
                'safety.clearance', 1, n_1, d_1, cast(null as double), cast(null as double),
                'safety.cohort_clearance', 1, n_2, d_2, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                district_code as area_code,
                cast(sum(case when case_type = 'criminal' then cleared end) as double) as n_1,
                cast(sum(case when case_type = 'criminal' then filed end) as double) as d_1,
                cast(sum(case when case_type = 'criminal' then cohort_180_n end) as double) as n_2,
                cast(sum(case when case_type = 'criminal' then cohort_180_d end) as double) as d_2
            from {{ ref('kpi_safety_case_month') }}
            group by month, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_safety_district_month') -%}
        {{ 'union all' if available('kpi_safety_call_day') or available('kpi_safety_response_day') or available('kpi_safety_case_month') }}
        select
            date,
            area_code,
            stack(
                4,
                'safety.incident_rate', 1, n_1, d_1, cast(null as double), cast(null as double),
                'safety.filing_ratio', 1, n_2, d_2, cast(null as double), cast(null as double),
                'safety.order_to_criminal', 1, n_3, d_3, cast(null as double), cast(null as double),
                'safety.telecom_fraud', 1, n_4, d_4, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                district_code as area_code,
                cast(sum(incidents) as double) as n_1,
                cast(sum(residents) as double) as d_1,
                cast(sum(filed_criminal) as double) as n_2,
                cast(sum(criminal_incidents) as double) as d_2,
                cast(sum(filed_public_order) as double) as n_3,
                cast(sum(filed_criminal) as double) as d_3,
                cast(sum(filed_telecom_fraud) as double) as n_4,
                cast(sum(residents) as double) as d_4
            from {{ ref('kpi_safety_district_month') }}
            group by month, district_code
        ) as sums
    {%- endif %}
)

select * from cells
