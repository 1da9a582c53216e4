with tickets as (
    select
        tickets.*,
        coalesce(tickets.area_code, tickets.district_code) as place_code,
        lag(tickets.opened_date) over (
            partition by tickets.caller_id, tickets.topic, coalesce(tickets.area_code, tickets.district_code)
            order by tickets.opened_at, tickets.ticket_id
        ) as before_date
    from {{ ref('stg_hotline__tickets') }} as tickets
),

exclusions as (
    select distinct ticket_id
    from {{ ref('stg_hotline__exclusions') }}
),

totals as (
    select
        {{ month_of('tickets.opened_date') }} as month,
        tickets.place_code as area_code,
        count(*) as tickets,
        count_if(tickets.ticket_type in ('complaint', 'report')) as complaints,
        count_if(tickets.caller_id is not null) as caller_d,
        count_if(
            tickets.caller_id is not null and tickets.opened_date <= date_add(tickets.before_date, 30)
        ) as repeat_n,
        count_if(exclusions.ticket_id is not null) as excluded_n
    from tickets
    left join exclusions on tickets.ticket_id = exclusions.ticket_id
    group by {{ month_of('tickets.opened_date') }}, tickets.place_code
)

select * from totals
