{#- Made from dbt_project/indicators by `govlake indicators build`; a test keeps it true. -#}
{{ config(meta={'optional': ['kpi_transit_departure_day', 'kpi_transit_city_day', 'kpi_transit_district_month']}) }}

with cells as (
    {% if available('kpi_transit_departure_day') -%}
        select
            date,
            area_code,
            stack(
                6,
                'transit.punctuality', 1, n_1, d_1, cast(null as double), cast(null as double),
                'transit.unobserved', 1, n_2, d_2, cast(null as double), cast(null as double),
                'transit.completion', 1, n_3, d_3, cast(null as double), cast(null as double),
                'transit.excess_wait', 1, n_4, d_4, less_n_4, less_d_4,
                'transit.boardings_per_km', 1, n_5, d_5, cast(null as double), cast(null as double),
                'transit.places_used', 1, n_6, d_6, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                service_date as date,
                district_code as area_code,
                cast(sum(on_time_n) as double) as n_1,
                cast(sum(departures_observed) as double) as d_1,
                cast(sum(departures_unobserved) as double) as n_2,
                cast(sum(departures_planned) as double) as d_2,
                cast(sum(trips_run) as double) as n_3,
                cast(sum(trips_planned) as double) as d_3,
                cast(sum(headway_observed_s2) as double) as n_4,
                cast(sum(2 * headway_observed_s) as double) as d_4,
                cast(sum(headway_planned_s2) as double) as less_n_4,
                cast(sum(2 * headway_planned_s) as double) as less_d_4,
                cast(sum(boardings) as double) as n_5,
                cast(sum(vehicle_km) as double) as d_5,
                cast(sum(boardings) as double) as n_6,
                cast(sum(places) as double) as d_6
            from {{ ref('kpi_transit_departure_day') }}
            group by service_date, district_code
        ) as sums
    {%- endif %}
    {% if available('kpi_transit_city_day') -%}
        {{ 'union all' if available('kpi_transit_departure_day') }}
        select
            date,
            area_code,
            stack(
                4,
                'transit.boardings', 1, n_1, cast(null as double), cast(null as double), cast(null as double),
                'transit.riders', 1, n_2, cast(null as double), cast(null as double), cast(null as double),
                'transit.revenue', 1, n_3, cast(null as double), cast(null as double), cast(null as double),
                'transit.discount_rate', 1, n_4, d_4, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                tap_date as date,
                cast(null as string) as area_code,
                cast(sum(boardings) as double) as n_1,
                cast(sum(riders) as double) as n_2,
                cast(sum(revenue_cny) as double) as n_3,
                cast(sum(due_cny - revenue_cny) as double) as n_4,
                cast(sum(due_cny) as double) as d_4
            from {{ ref('kpi_transit_city_day') }}
            group by tap_date
        ) as sums
    {%- endif %}
    {% if available('kpi_transit_district_month') -%}
        {{ 'union all' if available('kpi_transit_departure_day') or available('kpi_transit_city_day') }}
        select
            date,
            area_code,
            stack(
                3,
                'transit.senior_share', 1, n_1, d_1, cast(null as double), cast(null as double),
                'transit.boardings_per_resident', 1, n_2, d_2, cast(null as double), cast(null as double),
                'transit.requests', 1, n_3, d_3, cast(null as double), cast(null as double)
            ) as (indicator_id, version, n, d, less_n, less_d)
        from (
            select
                month as date,
                district_code as area_code,
                cast(sum(senior_boardings) as double) as n_1,
                cast(sum(boardings) as double) as d_1,
                cast(sum(boardings) as double) as n_2,
                cast(sum(residents) as double) as d_2,
                cast(sum(transport_requests) as double) as n_3,
                cast(sum(boardings) as double) as d_3
            from {{ ref('kpi_transit_district_month') }}
            group by month, district_code
        ) as sums
    {%- endif %}
)

select * from cells
