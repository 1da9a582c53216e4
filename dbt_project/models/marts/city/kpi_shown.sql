-- Pages show one period of an indicator: the newest complete one, or the newest where none is complete yet.
-- A period that had begun before the first delivery of a source is not complete, however old it is.
with firsts as (
    select
        dataset,
        min(date_sub(logical_date, {{ dataset_days('dataset') }} - 1)) as covered_from
    from {{ ref('fct_delivery') }}
    group by dataset
),

begun as (
    select
        sources.indicator_id,
        max(firsts.covered_from) as covered_from
    from {{ ref('int_city__kpi_sources') }} as sources
    inner join firsts on sources.dataset = firsts.dataset
    group by sources.indicator_id
),

cells as (
    select
        *,
        case period when 'month' then 1 when 'quarter' then 2 when 'year' then 3 when 'week' then 4 else 5 end as choice
    from {{ ref('kpi_cell') }}
    where level in ('city', 'district')
),

candidates as (
    select
        cells.indicator_id,
        cells.version,
        cells.period,
        cells.period_start,
        row_number() over (
            partition by cells.indicator_id, cells.version
            order by
                cells.choice asc,
                case
                    when cells.obs_status <> 'A' or cells.period_start < begun.covered_from then 1
                    else 0
                end asc,
                cells.period_start desc
        ) as place
    from cells
    left join begun on cells.indicator_id = begun.indicator_id
    where cells.level = 'city'
),

-- A source whose newest delivery was not accepted leaves its indicators where they are.
newest as (
    select
        dataset,
        logical_date,
        bool_or(status = 'done') as is_accepted,
        max(case when is_current then reason_zh end) as reason_zh,
        max(case when is_current then reason_en end) as reason_en,
        row_number() over (partition by dataset order by logical_date desc) as place
    from {{ ref('fct_delivery') }}
    group by dataset, logical_date
),

held as (
    select
        sources.indicator_id,
        max(newest.reason_zh) as reason_zh,
        max(newest.reason_en) as reason_en
    from {{ ref('int_city__kpi_sources') }} as sources
    inner join newest on sources.dataset = newest.dataset
    where newest.place = 1 and not newest.is_accepted
    group by sources.indicator_id
),

owners as (
    select
        department,
        max(department_zh) as owner_zh,
        max(department_en) as owner_en
    from {{ ref('fct_delivery') }}
    group by department
),

shown as (
    select
        cells.*,
        register.caveat_zh,
        register.caveat_en,
        coalesce(owners.owner_zh, register.owner) as owner_zh,
        coalesce(owners.owner_en, register.owner) as owner_en,
        register.target_kind,
        register.interval_method,
        held.indicator_id is not null as is_source_held,
        held.reason_zh as held_zh,
        held.reason_en as held_en,
        shapes.boundary,
        shapes.lon,
        shapes.lat,
        row_number() over (
            partition by cells.indicator_id, cells.version, cells.level
            order by cells.area_code
        ) as place,
        count(*) over (partition by cells.indicator_id, cells.version, cells.level) as places,
        min(coalesce(cells.low, cells.value)) over (
            partition by cells.indicator_id, cells.version, cells.level
        ) as lowest,
        max(coalesce(cells.high, cells.value)) over (
            partition by cells.indicator_id, cells.version, cells.level
        ) as highest,
        min(shapes.west) over (partition by cells.indicator_id, cells.version, cells.level) as map_west,
        min(shapes.south) over (partition by cells.indicator_id, cells.version, cells.level) as map_south,
        max(shapes.east) over (partition by cells.indicator_id, cells.version, cells.level) as map_east,
        max(shapes.north) over (partition by cells.indicator_id, cells.version, cells.level) as map_north
    from cells
    inner join candidates
        on
            cells.indicator_id = candidates.indicator_id
            and cells.version = candidates.version
            and cells.period = candidates.period
            and cells.period_start = candidates.period_start
            and candidates.place = 1
    inner join {{ ref('dim_kpi') }} as register
        on cells.indicator_id = register.indicator_id and cells.version = register.version
    left join owners on register.owner = owners.department
    left join held on cells.indicator_id = held.indicator_id
    left join {{ ref('dim_district_shape') }} as shapes
        on cells.area_code = shapes.district_code and cells.level = 'district'
),

final as (
    select
        indicator_id,
        version,
        position,
        indicator_zh,
        indicator_en,
        domain,
        cockpit_area,
        kind,
        period,
        period_start,
        period_end,
        level,
        area_code,
        area_zh,
        area_en,
        value,
        low,
        high,
        n,
        d,
        unit_zh,
        unit_en,
        decimals,
        direction,
        target_kind,
        target_green,
        target_red,
        use_policy,
        is_rankable,
        owner_zh,
        owner_en,
        caveat_zh,
        caveat_en,
        obs_status,
        is_source_held,
        case when is_source_held then 'grey' else light end as light,
        case when is_source_held then 'held' else light_reason end as light_reason,
        case when is_source_held then coalesce(held_zh, '来源数据未通过审核') else reason_zh end as reason_zh,
        case when is_source_held then coalesce(held_en, 'A source is held') else reason_en end as reason_en,
        cast(place as int) as place,
        cast(places as int) as places,
        -- What a comparison spans: intervals and targets; from zero where no interval tells noise.
        least(
            lowest,
            coalesce(target_green, lowest),
            coalesce(target_red, lowest),
            case when interval_method = 'none' then 0 else lowest end
        ) as axis_low,
        greatest(highest, coalesce(target_green, highest), coalesce(target_red, highest)) as axis_high,
        boundary,
        lon,
        lat,
        map_west,
        map_south,
        map_east,
        map_north
    from shown
)

select * from final
