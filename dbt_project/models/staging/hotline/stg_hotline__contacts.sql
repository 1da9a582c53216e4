with contacts as (
    select * from {{ source('silver', 'hotline__contact') }}
)

select
    contacted_date,
    contact_id,
    channel,
    queue_s,
    is_answered,
    talk_s,
    coalesce(is_on_spot, false) as is_on_spot
from contacts
