-- The indicators that the register puts on leaders' first page, each with the one delivery it is made from.
with indicators as (
    select
        register.indicator_id,
        register.version,
        register.indicator_zh,
        register.indicator_en,
        register.overview_position as position,
        register.domain,
        register.direction,
        sources.dataset,
        register.kind <> 'count' as is_rate,
        case when register.kind = 'count' then register.unit_zh else '' end as unit_zh,
        case when register.kind = 'count' then register.unit_en else '' end as unit_en
    from {{ ref('dim_kpi') }} as register
    inner join {{ ref('int_city__kpi_sources') }} as sources on register.indicator_id = sources.indicator_id
    where register.overview_position > 0
),

facts as (
    select
        cells.date,
        cells.indicator_id,
        sum(cells.n) as numerator,
        sum(cells.d) as denominator
    from {{ ref('int_city__cells') }} as cells
    inner join indicators on cells.indicator_id = indicators.indicator_id and cells.version = indicators.version
    group by cells.date, cells.indicator_id
),

shown as (
    select indicators.*
    from indicators
    where indicators.indicator_id in (select facts.indicator_id from facts)
),

-- How the delivery of a date stands: held only where no revision of it was accepted.
deliveries as (
    select
        dataset,
        logical_date as date,
        bool_or(status = 'done') as is_accepted,
        max(case when is_current then verdict end) as verdict,
        max(case when is_current then reason_zh end) as reason_zh,
        max(case when is_current then reason_en end) as reason_en
    from {{ ref('fct_delivery') }}
    group by dataset, logical_date
),

dates as (
    select date from facts
    union
    select deliveries.date
    from deliveries
    where deliveries.dataset in (select shown.dataset from shown)
),

known as (
    select
        dates.date,
        shown.*,
        facts.numerator,
        facts.denominator,
        coalesce(deliveries.verdict, 'pass') as verdict,
        coalesce(not deliveries.is_accepted and deliveries.verdict in ('hold', 'missing'), false) as is_grey,
        deliveries.reason_zh,
        deliveries.reason_en
    from dates
    cross join shown
    left join facts on dates.date = facts.date and shown.indicator_id = facts.indicator_id
    left join deliveries on dates.date = deliveries.date and shown.dataset = deliveries.dataset
),

-- A rate over nothing is unknown, not zero.
valued as (
    select
        *,
        datediff(date, date '1970-01-01') as day_number,
        case
            when is_grey then null
            when is_rate then case when denominator > 0 then numerator / denominator end
            else numerator
        end as value
    from known
),

-- A window, since a join with itself would have everything above computed twice.
beside as (
    select
        *,
        max(value) over (
            partition by indicator_id order by day_number range between 7 preceding and 7 preceding
        ) as value_week_before,
        date = max(date) over () as is_latest
    from valued
),

compared as (
    select
        *,
        case
            when is_rate then value - value_week_before
            when value_week_before <> 0 then value / value_week_before - 1
        end as change
    from beside
),

overview as (
    select
        date,
        indicator_id,
        indicator_zh,
        indicator_en,
        position,
        domain,
        dataset,
        value,
        case when not is_grey then numerator end as numerator,
        case when not is_grey then denominator end as denominator,
        unit_zh,
        unit_en,
        direction,
        is_rate,
        value_week_before,
        change,
        verdict,
        is_grey,
        case when is_grey then reason_zh end as reason_zh,
        case when is_grey then reason_en end as reason_en,
        is_latest
    from compared
)

select * from overview
