with ratings as (
    select * from {{ source('silver', 'services__rating') }}
)

select
    rated_date,
    rating_id,
    application_id,
    finished_at,
    rated_at,
    channel,
    score,
    is_voluntary,
    appeal_status,
    to_date({{ local_time('finished_at') }}) as finished_date
from ratings
