{{ config(meta={'optional': ['stg_city__populations', 'stg_safety__registered_populations']}) }}

with stated as (
    {% if available('stg_city__populations') -%}
        select
            area_code,
            as_of_date,
            definition,
            'city.population' as source,
            batch_id,
            cast(residents as bigint) as people
        from {{ ref('stg_city__populations') }}
    {%- endif %}
    {{ 'union all' if available('stg_city__populations') and available('stg_safety__registered_populations') }}
    {% if available('stg_safety__registered_populations') -%}
        select
            area_code,
            as_of_date,
            'registered' as definition,
            'safety.registered_population' as source,
            batch_id,
            cast(registered as bigint) as people
        from {{ ref('stg_safety__registered_populations') }}
        union all
        select
            area_code,
            as_of_date,
            'present' as definition,
            'safety.registered_population' as source,
            batch_id,
            cast(present as bigint) as people
        from {{ ref('stg_safety__registered_populations') }}
    {%- endif %}
),

levels as (
    select
        area_code,
        'street' as level,
        as_of_date,
        definition,
        source,
        batch_id as source_version,
        people
    from stated
    union all
    select
        substr(area_code, 1, 6) as area_code,
        'district' as level,
        as_of_date,
        definition,
        source,
        max(batch_id) as source_version,
        sum(people) as people
    from stated
    group by substr(area_code, 1, 6), as_of_date, definition, source
    union all
    select
        '{{ var("city_code") }}' as area_code,
        'city' as level,
        as_of_date,
        definition,
        source,
        max(batch_id) as source_version,
        sum(people) as people
    from stated
    group by as_of_date, definition, source
),

-- A population holds until the next one is stated; the first also stands for the time before it.
spanned as (
    select
        area_code,
        level,
        as_of_date,
        definition,
        source,
        source_version,
        people,
        case
            when lag(as_of_date) over (partition by area_code, definition, source order by as_of_date) is null
                then date '1900-01-01'
            else as_of_date
        end as valid_from,
        coalesce(
            date_sub(lead(as_of_date) over (partition by area_code, definition, source order by as_of_date), 1),
            date '9999-12-31'
        ) as valid_to
    from levels
)

select * from spanned
