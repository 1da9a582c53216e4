with messages as (
    select * from {{ source('open_data', 'hotline__message_reply') }}
)

select
    message_id,
    asked_at,
    replied_at,
    to_date({{ local_time('asked_at') }}) as asked_date,
    to_date(date_trunc('month', {{ local_time('asked_at') }})) as month,
    md5(body) as body_hash,
    reply is not null as is_replied,
    (unix_timestamp(replied_at) - unix_timestamp(asked_at)) / 86400 as delay_days
from messages
