{{ config(meta={'optional': ['dim_area', 'dim_district']}) }}

-- depends_on: {{ ref('dim_district') }}
with areas as (
    {% if available('dim_area') -%}
        select
            area_code,
            area_zh,
            area_en
        from {{ ref('dim_area') }}
    {%- else -%}
        select
            district_code as area_code,
            district_zh as area_zh,
            district_en as area_en
        from {{ ref('dim_district') }}
        union all
        select
            '{{ var("city_code") }}' as area_code,
            '{{ var("city_zh") }}' as area_zh,
            '{{ var("city_en") }}' as area_en
    {%- endif %}
)

select * from areas
