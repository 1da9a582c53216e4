with deliveries as (
    select
        *,
        to_date(date_trunc('month', logical_date)) as month
    from {{ ref('fct_delivery') }}
    where status <> 'running'
),

-- Each due date once, by its first and by its newest revision.
due as (
    select
        month,
        department,
        max(department_zh) as department_zh,
        max(department_en) as department_en,
        count(distinct dataset, logical_date) as deliveries_due,
        count(
            distinct case when status <> 'missing' then concat(dataset, ' ', logical_date) end
        ) as deliveries_made,
        count(distinct case when due_at is not null then concat(dataset, ' ', logical_date) end) as on_time_d,
        count_if(
            revision = 1 and due_at is not null and status <> 'missing' and is_on_time
        ) as on_time_n,
        count_if(revision = 1 and status = 'done') as first_pass_n,
        count_if(is_current and status in ('held', 'unreadable')) as held_now,
        cast(sum(landed_rows) as bigint) as landed_rows,
        cast(sum(quarantined_rows) as bigint) as quarantined_rows,
        cast(sum(duplicate_rows) as bigint) as duplicate_rows
    from deliveries
    group by month, department
),

measured as (
    select
        deliveries.month,
        deliveries.department,
        sum(case when dimensions.dimension = '01' then dimensions.n end) as normative_n,
        sum(case when dimensions.dimension = '01' then dimensions.d end) as normative_d,
        sum(case when dimensions.dimension = '02' then dimensions.n end) as complete_n,
        sum(case when dimensions.dimension = '02' then dimensions.d end) as complete_d,
        sum(case when dimensions.dimension = '03' then dimensions.n end) as accurate_n,
        sum(case when dimensions.dimension = '03' then dimensions.d end) as accurate_d,
        sum(case when dimensions.dimension = '04' then dimensions.n end) as consistent_n,
        sum(case when dimensions.dimension = '04' then dimensions.d end) as consistent_d,
        sum(case when dimensions.dimension = '05' then dimensions.n end) as timely_n,
        sum(case when dimensions.dimension = '05' then dimensions.d end) as timely_d
    from deliveries
    inner join {{ ref('stg_coordination__dimensions') }} as dimensions
        on deliveries.batch_id = dimensions.batch_id
    group by deliveries.month, deliveries.department
),

joined as (
    select
        due.month,
        due.department,
        due.department_zh,
        due.department_en,
        due.deliveries_due,
        due.deliveries_made,
        due.on_time_n,
        due.on_time_d,
        due.first_pass_n,
        due.held_now,
        due.landed_rows,
        due.quarantined_rows,
        due.duplicate_rows,
        coalesce(measured.normative_n, cast(0 as double)) as normative_n,
        coalesce(measured.normative_d, cast(0 as double)) as normative_d,
        coalesce(measured.complete_n, cast(0 as double)) as complete_n,
        coalesce(measured.complete_d, cast(0 as double)) as complete_d,
        coalesce(measured.accurate_n, cast(0 as double)) as accurate_n,
        coalesce(measured.accurate_d, cast(0 as double)) as accurate_d,
        coalesce(measured.consistent_n, cast(0 as double)) as consistent_n,
        coalesce(measured.consistent_d, cast(0 as double)) as consistent_d,
        coalesce(measured.timely_n, cast(0 as double)) as timely_n,
        coalesce(measured.timely_d, cast(0 as double)) as timely_d
    from due
    left join measured on due.month = measured.month and due.department = measured.department
)

select * from joined
