with handled as (
    select
        month,
        org_code,
        cast(sum(dispatches) as bigint) as dispatches,
        cast(sum(returned_n) as bigint) as returned_n,
        cast(sum(contact_n) as bigint) as contact_n,
        cast(sum(contact_d) as bigint) as contact_d,
        cast(sum(closed) as bigint) as closed,
        round(sum(hours_from_intake), 6) as hours_from_intake
    from {{ ref('kpi_hotline_dispatch_month') }}
    group by month, org_code
),

answered as (
    select
        month,
        org_code,
        cast(sum(solved_n) as bigint) as solved_n,
        cast(sum(solved_d) as bigint) as solved_d
    from {{ ref('kpi_hotline_callback_month') }}
    group by month, org_code
),

named as (
    select
        handled.month,
        handled.org_code,
        coalesce(orgs.org_zh, handled.org_code) as org_zh,
        coalesce(orgs.org_en, handled.org_code) as org_en,
        handled.dispatches,
        handled.returned_n,
        handled.contact_n,
        handled.contact_d,
        handled.closed,
        handled.hours_from_intake,
        coalesce(answered.solved_n, 0) as solved_n,
        coalesce(answered.solved_d, 0) as solved_d,
        handled.month = max(handled.month) over () as is_latest
    from handled
    left join answered on handled.month = answered.month and handled.org_code = answered.org_code
    left join {{ ref('dim_org') }} as orgs on handled.org_code = orgs.org_code
)

select * from named
