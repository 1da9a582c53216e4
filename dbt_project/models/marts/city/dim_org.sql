{{ config(meta={'optional': [
    'stg_health__institutions', 'stg_services__items', 'stg_safety__calls', 'stg_hotline__dispatches'
]}) }}

-- A code names one unit whoever uses it; the names are those of the department that knows it best.
with named as (
    select
        cast(null as string) as org_code,
        cast(null as string) as org_zh,
        cast(null as string) as org_en,
        cast(null as string) as org_kind,
        cast(null as string) as district_code,
        9 as authority
    where false
    {% if available('stg_health__institutions') -%}
        union all
        select
            org_code,
            org_name as org_zh,
            org_name_en as org_en,
            'institution' as org_kind,
            district_code,
            1 as authority
        from {{ ref('stg_health__institutions') }}
    {%- endif %}
    {% if available('stg_services__items') -%}
        union all
        select
            dept_code as org_code,
            max(dept_name) as org_zh,
            max(dept_name_en) as org_en,
            'department' as org_kind,
            cast(null as string) as district_code,
            2 as authority
        from {{ ref('stg_services__items') }}
        group by dept_code
    {%- endif %}
    {% if available('stg_safety__calls') -%}
        union all
        select
            station_id as org_code,
            cast(null as string) as org_zh,
            cast(null as string) as org_en,
            'station' as org_kind,
            max(district_code) as district_code,
            3 as authority
        from {{ ref('stg_safety__calls') }}
        group by station_id
    {%- endif %}
    {% if available('stg_hotline__dispatches') -%}
        union all
        select
            org_code,
            cast(null as string) as org_zh,
            cast(null as string) as org_en,
            'handler' as org_kind,
            cast(null as string) as district_code,
            4 as authority
        from {{ ref('stg_hotline__dispatches') }}
        group by org_code
    {%- endif %}
),

ranked as (
    select
        org_code,
        coalesce(org_zh, org_code) as org_zh,
        coalesce(org_en, org_zh, org_code) as org_en,
        org_kind,
        district_code,
        row_number() over (partition by org_code order by authority) as place
    from named
),

orgs as (
    select
        org_code,
        org_zh,
        org_en,
        org_kind,
        district_code
    from ranked
    where place = 1
)

select * from orgs
