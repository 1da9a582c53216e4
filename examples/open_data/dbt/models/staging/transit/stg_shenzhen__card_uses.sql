with uses as (
    select * from {{ source('open_data', 'transit__card_use') }}
)

select
    card_id,
    tapped_at,
    tap_date,
    business_date,
    operator,
    metro_station,
    bus_route,
    due_fen,
    paid_fen,
    hour({{ local_time('tapped_at') }}) as hour,
    case when tap_type = 'bus' then 'bus' else 'metro' end as mode,
    tap_type in ('metro_in', 'bus') as is_boarding,
    tap_type = 'metro_out' as is_exit
from uses
