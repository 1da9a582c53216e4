-- Ratios are sums over sums at every level: the mean of ratios is another number.
with placed as (
    select
        cells.indicator_id,
        cells.version,
        lattice.grain,
        lattice.period,
        lattice.level,
        cells.n,
        cells.d,
        cells.less_n,
        cells.less_d,
        {{ period_end('lattice.grain', 'cells.date') }} as known_until,
        {{ period_start('lattice.period', 'cells.date') }} as period_start,
        case lattice.level
            when 'city' then '{{ var("city_code") }}'
            when 'district' then nullif(regexp_extract(cells.area_code, '^[0-9]{6}', 0), '')
            when 'street' then nullif(regexp_extract(cells.area_code, '^[0-9]{12}$', 0), '')
        end as area_code
    from {{ ref('int_city__cells') }} as cells
    inner join {{ ref('int_city__kpi_lattice') }} as lattice
        on cells.indicator_id = lattice.indicator_id and cells.version = lattice.version
),

-- Rounded before anything is made of them: engines add fractions in another order each time.
summed as (
    select
        indicator_id,
        version,
        period,
        level,
        area_code,
        period_start,
        {{ period_end('period', 'period_start') }} as period_end,
        round(sum(n), 6) as n,
        round(sum(d), 6) as d,
        round(sum(less_n), 6) as less_n,
        round(sum(less_d), 6) as less_d
    from placed
    where area_code is not null and period_start is not null
    group by indicator_id, version, period, level, area_code, period_start
),

known as (
    select
        indicator_id,
        max(known_until) as known_until
    from placed
    group by indicator_id
),

-- The last day of which any of its deliveries has told.
told as (
    select
        sources.indicator_id,
        max(deliveries.logical_date) as told_until
    from {{ ref('int_city__kpi_sources') }} as sources
    inner join {{ ref('fct_delivery') }} as deliveries on sources.dataset = deliveries.dataset
    where deliveries.status = 'done'
    group by sources.indicator_id
),

periods as (
    select distinct
        indicator_id,
        period,
        period_start,
        period_end
    from summed
),

held as (
    select
        periods.indicator_id,
        periods.period,
        periods.period_start,
        count(distinct days.date) as days_held,
        max(days.reason_zh) as reason_zh,
        max(days.reason_en) as reason_en
    from periods
    inner join {{ ref('int_city__kpi_sources') }} as sources on periods.indicator_id = sources.indicator_id
    inner join {{ ref('int_city__kpi_held') }} as days
        on sources.dataset = days.dataset and days.date between periods.period_start and periods.period_end
    group by periods.indicator_id, periods.period, periods.period_start
),

judged as (
    select
        summed.*,
        register.position,
        register.indicator_zh,
        register.indicator_en,
        register.domain,
        register.cockpit_area,
        register.kind,
        register.interval_method,
        register.unit_zh,
        register.unit_en,
        register.decimals,
        register.direction,
        register.target_green,
        register.target_red,
        register.use_policy,
        register.is_rankable,
        register.minimum_denominator,
        register.minimum_coverage,
        held.reason_zh as held_zh,
        held.reason_en as held_en,
        coalesce(held.days_held, 0) as days_held,
        summed.period_end > least(known.known_until, coalesce(told.told_until, known.known_until)) as is_open,
        datediff(summed.period_end, summed.period_start) + 1 as days,
        register.scale * case
            when register.is_scaled_by_days then datediff(summed.period_end, summed.period_start) + 1
            else 1
        end as scale
    from summed
    inner join {{ ref('dim_kpi') }} as register
        on summed.indicator_id = register.indicator_id and summed.version = register.version
    inner join known on summed.indicator_id = known.indicator_id
    left join told on summed.indicator_id = told.indicator_id
    left join held
        on
            summed.indicator_id = held.indicator_id
            and summed.period = held.period
            and summed.period_start = held.period_start
),

covered as (
    select
        *,
        round(cast(1 - days_held / days as double), 6) as coverage,
        1 - days_held / days < minimum_coverage as is_held
    from judged
),

-- A ratio over nothing is unknown, not zero.
valued as (
    select
        *,
        case
            when is_held then null
            when kind = 'count' then scale * n
            when d > 0 and less_d > 0 then scale * (n / d - less_n / less_d)
            when d > 0 and less_d is null then scale * n / d
        end as value,
        case
            when is_held then null
            when interval_method = 'wilson' and d > 0 then scale * greatest({{ wilson('n', 'd', '-') }}, 0)
            when interval_method = 'byar' and d > 0 then scale * {{ byar_low('n') }} / d
        end as low,
        case
            when is_held then null
            when interval_method = 'wilson' and d > 0 then scale * least({{ wilson('n', 'd', '+') }}, 1)
            when interval_method = 'byar' and d > 0 then scale * {{ byar_high('n') }} / d
        end as high
    from covered
),

-- `worst` and `best` are the ends of the interval, turned so that more is better.
turned as (
    select
        *,
        case direction when 'up' then coalesce(low, value) else -coalesce(high, value) end as worst,
        case direction when 'up' then coalesce(high, value) else -coalesce(low, value) end as best,
        case direction when 'up' then target_green else -target_green end as green_from,
        case direction when 'up' then target_red else -target_red end as red_below
    from valued
),

lit as (
    select
        *,
        case
            when is_held then 'held'
            when value is null then 'empty'
            when kind <> 'count' and d < minimum_denominator then 'small'
            when target_green is null or direction = 'none' then 'no_target'
            when worst < green_from and best >= green_from then 'not_distinguishable'
            when worst < red_below and best >= red_below then 'not_distinguishable'
            else 'judged'
        end as light_reason
    from turned
),

named as (
    select
        lit.indicator_id,
        lit.version,
        lit.position,
        lit.indicator_zh,
        lit.indicator_en,
        lit.domain,
        lit.cockpit_area,
        lit.kind,
        lit.period,
        lit.period_start,
        lit.period_end,
        lit.level,
        lit.area_code,
        lit.unit_zh,
        lit.unit_en,
        lit.decimals,
        lit.direction,
        lit.target_green,
        lit.target_red,
        lit.light_reason,
        lit.coverage,
        lit.use_policy,
        lit.is_rankable,
        round(lit.value, 6) as value,
        round(lit.low, 6) as low,
        round(lit.high, 6) as high,
        coalesce(areas.area_zh, lit.area_code) as area_zh,
        coalesce(areas.area_en, lit.area_code) as area_en,
        case when not lit.is_held then lit.n end as n,
        case when not lit.is_held then lit.d end as d,
        case when not lit.is_held then lit.less_n end as less_n,
        case when not lit.is_held then lit.less_d end as less_d,
        case
            when lit.light_reason in ('held', 'empty', 'small') then 'grey'
            when lit.light_reason in ('no_target', 'not_distinguishable') then 'none'
            when lit.worst >= lit.green_from then 'green'
            when lit.best < lit.red_below then 'red'
            else 'amber'
        end as light,
        case
            when lit.light_reason = 'held' then coalesce(lit.held_zh, '来源数据未通过审核')
            when lit.light_reason = 'empty' then '分母为零'
            when lit.light_reason = 'small' then '分母过小'
            when lit.light_reason = 'not_distinguishable' then '与目标差异不显著'
        end as reason_zh,
        case
            when lit.light_reason = 'held' then coalesce(lit.held_en, 'A source is held')
            when lit.light_reason = 'empty' then 'There was nothing to measure'
            when lit.light_reason = 'small' then 'The denominator is too small'
            when lit.light_reason = 'not_distinguishable' then 'Chance alone may explain the distance to the target'
        end as reason_en,
        case
            when lit.is_held then 'hold'
            when lit.days_held > 0 then 'flag'
            else 'pass'
        end as gate_verdict,
        case
            when lit.value is null then 'M'
            when lit.is_open or lit.days_held > 0 then 'P'
            else 'A'
        end as obs_status,
        case
            when lit.use_policy <> 'public' then 'N'
            when lit.n between 1 and 9 then 'C'
            else 'F'
        end as conf_status,
        lit.period_start = max(lit.period_start) over (
            partition by lit.indicator_id, lit.version, lit.period, lit.level
        ) as is_latest
    from lit
    left join {{ ref('int_city__area_names') }} as areas on lit.area_code = areas.area_code
)

select * from named
