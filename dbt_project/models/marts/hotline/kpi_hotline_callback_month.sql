-- One ticket counts once, with its last callback.
with callbacks as (
    select
        *,
        row_number() over (partition by ticket_id order by callback_seq desc) as place
    from {{ ref('stg_hotline__callbacks') }}
),

answers as (
    select
        {{ month_of('callbacks.called_date') }} as month,
        coalesce(tickets.area_code, tickets.district_code, 'unknown') as area_code,
        callbacks.org_code,
        callbacks.is_reached,
        callbacks.is_excluded,
        callbacks.is_reached and callbacks.is_responded as is_responded,
        callbacks.is_reached and callbacks.resolution is not null as is_resolution_known,
        callbacks.is_reached and coalesce(callbacks.resolution = 'solved', false) as is_solved,
        callbacks.is_reached and callbacks.rating is not null as is_rating_known,
        callbacks.is_reached
        and coalesce(callbacks.rating in ('very_satisfied', 'satisfied', 'fairly_satisfied'), false) as is_satisfied
    from callbacks
    left join {{ ref('stg_hotline__tickets') }} as tickets on callbacks.ticket_id = tickets.ticket_id
    where callbacks.place = 1
),

totals as (
    select
        month,
        area_code,
        org_code,
        count(*) as callbacks,
        count_if(is_reached) as reached,
        count_if(is_excluded) as excluded,
        count_if(is_reached and not is_excluded) as responded_d,
        count_if(is_responded and not is_excluded) as responded_n,
        count_if(is_resolution_known and not is_excluded) as solved_d,
        count_if(is_solved and not is_excluded) as solved_n,
        count_if(is_rating_known and not is_excluded) as satisfied_d,
        count_if(is_satisfied and not is_excluded) as satisfied_n,
        count_if(is_resolution_known) as solved_raw_d,
        count_if(is_solved) as solved_raw_n,
        count_if(is_rating_known) as satisfied_raw_d,
        count_if(is_satisfied) as satisfied_raw_n
    from answers
    group by month, area_code, org_code
)

select * from totals
