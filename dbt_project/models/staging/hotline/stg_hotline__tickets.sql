with tickets as (
    select * from {{ source('silver', 'hotline__ticket') }}
)

select
    ticket_id,
    opened_date,
    opened_at,
    channel,
    ticket_type,
    topic,
    district_code,
    area_code,
    caller_id,
    urgency,
    due_at,
    closed_at,
    callback,
    resolution,
    rating,
    to_date({{ local_time('due_at') }}) as due_date,
    to_date({{ local_time('closed_at') }}) as closed_date,
    coalesce(closed_at <= due_at, false) as is_closed_on_time,
    callback = 'reached' and rating is not null as is_valid_callback,
    resolution = 'solved' as is_solved,
    rating in ('very_satisfied', 'satisfied', 'fairly_satisfied') as is_satisfied,
    {{ batch_date('_first_batch_id') }} as first_delivered_date,
    {{ batch_date('_batch_id') }} as last_delivered_date
from tickets
