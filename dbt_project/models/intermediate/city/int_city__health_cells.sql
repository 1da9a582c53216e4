{#- Made from dbt_project/indicators by `govlake indicators build`; a test keeps it true. -#}
{{ config(meta={'optional': ['kpi_health_org_day', 'kpi_health_outpatient_month', 'kpi_health_discharge_month', 'kpi_health_notifiable_week', 'kpi_health_resource_year']}) }}

with cells as (
    {% if available('kpi_health_org_day') -%}
        select
            date,
            area_code,
            stack(
                4,
                'health.occupancy', 1, n_1, d_1, cast(null as double), cast(null as double),
                'health.turnover', 1, n_2, d_2, cast(null as double), cast(null as double),
                'health.bed_working_days', 1, n_3, d_3, cast(null as double), cast(null as double),
                'health.stay', 1, n_4, d_4, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                report_date as date,
                district_code as area_code,
                cast(sum(bed_days_occupied) as double) as n_1,
                cast(sum(bed_days_open) as double) as d_1,
                cast(sum(discharges) as double) as n_2,
                cast(sum(bed_days_open) as double) as d_2,
                cast(sum(bed_days_occupied) as double) as n_3,
                cast(sum(bed_days_open) as double) as d_3,
                cast(sum(bed_days_discharged) as double) as n_4,
                cast(sum(discharges) as double) as d_4
            from {{ ref('kpi_health_org_day') }}
            group by report_date, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_health_outpatient_month') -%}
        {{ 'union all' if available('kpi_health_org_day') }}
        select
            date,
            area_code,
            stack(
                5,
                'health.cost_per_visit', 1, n_1, d_1, cast(null as double), cast(null as double),
                'health.cost_per_visit_all', 1, n_2, d_2, cast(null as double), cast(null as double),
                'health.drug_share', 1, n_3, d_3, cast(null as double), cast(null as double),
                'health.appointments', 1, n_4, d_4, cast(null as double), cast(null as double),
                'health.community_first', 1, n_5, d_5, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                district_code as area_code,
                cast(sum(income_cny - income_health_check_cny) as double) as n_1,
                cast(sum(visits) as double) as d_1,
                cast(sum(income_cny - income_health_check_cny) as double) as n_2,
                cast(sum(visits + emergency_visits) as double) as d_2,
                cast(sum(income_drug_cny) as double) as n_3,
                cast(sum(income_cny) as double) as d_3,
                cast(sum(appointments) as double) as n_4,
                cast(sum(visits) as double) as d_4,
                cast(sum(community_visits) as double) as n_5,
                cast(sum(visits) as double) as d_5
            from {{ ref('kpi_health_outpatient_month') }}
            group by month, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_health_discharge_month') -%}
        {{ 'union all' if available('kpi_health_org_day') or available('kpi_health_outpatient_month') }}
        select
            date,
            area_code,
            stack(
                2,
                'health.cost_per_discharge', 1, n_1, d_1, cast(null as double), cast(null as double),
                'health.readmission', 1, n_2, d_2, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                district_code as area_code,
                cast(sum(cost_cny) as double) as n_1,
                cast(sum(discharges) as double) as d_1,
                cast(sum(readmitted_n) as double) as n_2,
                cast(sum(followed_d) as double) as d_2
            from {{ ref('kpi_health_discharge_month') }}
            group by month, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_health_notifiable_week') -%}
        {{ 'union all' if available('kpi_health_org_day') or available('kpi_health_outpatient_month') or available('kpi_health_discharge_month') }}
        select
            date,
            area_code,
            stack(
                1,
                'health.influenza', 1, n_1, d_1, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                week as date,
                district_code as area_code,
                cast(sum(case when disease = 'influenza' then cases end) as double) as n_1,
                cast(sum(case when disease = 'influenza' then residents end) as double) as d_1
            from {{ ref('kpi_health_notifiable_week') }}
            group by week, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_health_resource_year') -%}
        {{ 'union all' if available('kpi_health_org_day') or available('kpi_health_outpatient_month') or available('kpi_health_discharge_month') or available('kpi_health_notifiable_week') }}
        select
            date,
            area_code,
            stack(
                2,
                'health.beds_per_1000', 1, n_1, d_1, cast(null as double), cast(null as double),
                'health.physicians_per_1000', 1, n_2, d_2, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                year as date,
                district_code as area_code,
                cast(sum(beds) as double) as n_1,
                cast(sum(residents) as double) as d_1,
                cast(sum(physicians) as double) as n_2,
                cast(sum(residents) as double) as d_2
            from {{ ref('kpi_health_resource_year') }}
            group by year, district_code
        ) as sums
    {%- endif %}
)

select * from cells
