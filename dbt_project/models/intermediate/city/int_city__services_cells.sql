{#- Made from dbt_project/indicators by `govlake indicators build`; a test keeps it true. -#}
{{ config(meta={'optional': ['kpi_services_dept_month', 'kpi_services_rating_month']}) }}

with cells as (
    {% if available('kpi_services_dept_month') -%}
        select
            date,
            area_code,
            stack(
                9,
                'services.on_time_promise', 1, n_1, d_1, cast(null as double), cast(null as double),
                'services.on_time_statute', 1, n_2, d_2, cast(null as double), cast(null as double),
                'services.compression', 1, n_3, d_3, cast(null as double), cast(null as double),
                'services.time_used', 1, n_4, d_4, cast(null as double), cast(null as double),
                'services.visits', 1, n_5, d_5, cast(null as double), cast(null as double),
                'services.one_pass', 1, n_6, d_6, cast(null as double), cast(null as double),
                'services.online', 1, n_7, d_7, cast(null as double), cast(null as double),
                'services.switched', 1, n_8, d_8, cast(null as double), cast(null as double),
                'services.replaceable_papers', 1, n_9, d_9, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                district_code as area_code,
                cast(sum(promise_n) as double) as n_1,
                cast(sum(promise_d) as double) as d_1,
                cast(sum(statute_n) as double) as n_2,
                cast(sum(statute_d) as double) as d_2,
                cast(sum(statutory_workdays - promised_workdays) as double) as n_3,
                cast(sum(statutory_workdays) as double) as d_3,
                cast(sum(used_workdays) as double) as n_4,
                cast(sum(used_of_workdays) as double) as d_4,
                cast(sum(visits) as double) as n_5,
                cast(sum(finished) as double) as d_5,
                cast(sum(one_pass_n) as double) as n_6,
                cast(sum(finished) as double) as d_6,
                cast(sum(online_n) as double) as n_7,
                cast(sum(finished) as double) as d_7,
                cast(sum(switched_n) as double) as n_8,
                cast(sum(finished) as double) as d_8,
                cast(sum(papers_replaceable) as double) as n_9,
                cast(sum(papers_asked) as double) as d_9
            from {{ ref('kpi_services_dept_month') }}
            group by month, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_services_rating_month') -%}
        {{ 'union all' if available('kpi_services_dept_month') }}
        select
            date,
            area_code,
            stack(
                3,
                'services.active_rating', 1, n_1, d_1, cast(null as double), cast(null as double),
                'services.default_rating', 1, n_2, d_2, cast(null as double), cast(null as double),
                'services.good_rating', 1, n_3, d_3, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                district_code as area_code,
                cast(sum(voluntary_n) as double) as n_1,
                cast(sum(finished) as double) as d_1,
                cast(sum(default_n) as double) as n_2,
                cast(sum(rated) as double) as d_2,
                cast(sum(good_n) as double) as n_3,
                cast(sum(voluntary_n) as double) as d_3
            from {{ ref('kpi_services_rating_month') }}
            group by month, district_code
        ) as sums
    {%- endif %}
)

select * from cells
