with requests as (
    select * from {{ source('open_data', 'hotline__service_request') }}
)

select
    request_id,
    opened_date,
    opened_at,
    target_at,
    closed_at,
    subject as agency,
    office,
    channel,
    coalesce(neighborhood, '') as neighbourhood,
    to_date(date_trunc('month', opened_date)) as month,
    target_at is not null as is_promised,
    coalesce(punctuality = 'on_time', false) as is_on_time
from requests
