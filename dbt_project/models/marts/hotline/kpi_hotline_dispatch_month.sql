with dispatches as (
    select
        *,
        max(dispatch_seq) over (partition by ticket_id) as last_seq
    from {{ ref('stg_hotline__dispatches') }}
),

handled as (
    select
        ticket_id,
        min(contacted_at) as contacted_at,
        max(closed_at) as closed_at
    from {{ ref('stg_hotline__handlings') }}
    group by ticket_id
),

horizon as (
    select max(dispatched_at) as until
    from dispatches
),

-- The clock of first contact runs from the ticket's first dispatch, whoever had it later.
timed as (
    select
        {{ month_of('dispatches.dispatched_date') }} as month,
        coalesce(tickets.area_code, tickets.district_code, 'unknown') as area_code,
        dispatches.org_code,
        dispatches.returned_at is not null as is_returned,
        dispatches.dispatch_seq = 1 as is_first,
        dispatches.dispatch_seq = 1 and dispatches.last_seq = 1 as is_first_and_only,
        dispatches.dispatch_seq = 1 and handled.ticket_id is not null and unix_timestamp(dispatches.dispatched_at)
        + 3600 * {{ contact_limit_h('tickets.urgency') }} <= unix_timestamp(horizon.until) as is_contact_due,
        coalesce(
            unix_timestamp(handled.contacted_at) <= unix_timestamp(dispatches.dispatched_at)
            + 3600 * {{ contact_limit_h('tickets.urgency') }},
            false
        ) as is_contacted_in_time,
        case
            when dispatches.dispatch_seq = dispatches.last_seq
                then unix_timestamp(handled.closed_at) - unix_timestamp(tickets.opened_at)
        end as seconds_from_intake,
        case
            when dispatches.dispatch_seq = dispatches.last_seq
                then unix_timestamp(handled.closed_at) - unix_timestamp(dispatches.signed_at)
        end as seconds_from_sign
    from dispatches
    cross join horizon
    left join handled on dispatches.ticket_id = handled.ticket_id
    left join {{ ref('stg_hotline__tickets') }} as tickets on dispatches.ticket_id = tickets.ticket_id
),

judged as (
    select
        *,
        seconds_from_intake >= 0 and seconds_from_sign >= 0 as is_closed
    from timed
),

totals as (
    select
        month,
        area_code,
        org_code,
        count(*) as dispatches,
        count_if(is_returned) as returned_n,
        count_if(is_first) as first_d,
        count_if(is_first_and_only) as first_n,
        count_if(coalesce(is_contact_due, false)) as contact_d,
        count_if(is_contact_due and is_contacted_in_time) as contact_n,
        count_if(is_closed) as closed,
        round(sum(case when is_closed then seconds_from_intake else 0 end) / 3600, 6) as hours_from_intake,
        round(sum(case when is_closed then seconds_from_sign else 0 end) / 3600, 6) as hours_from_sign
    from judged
    group by month, area_code, org_code
)

select * from totals
