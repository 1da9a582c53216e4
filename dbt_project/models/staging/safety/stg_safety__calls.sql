with calls as (
    select * from {{ source('silver', 'safety__call') }}
)

select
    called_date,
    call_id,
    called_at,
    received_at,
    channel,
    call_class,
    call_subclass,
    is_valid,
    merged_into is not null as is_duplicate,
    area_code,
    coalesce(district_code, substr(area_code, 1, 6)) as district_code,
    station_id
from calls
