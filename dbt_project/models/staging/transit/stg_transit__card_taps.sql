with taps as (
    select * from {{ source('silver', 'transit__card_tap') }}
)

select
    tap_date,
    tap_id,
    card_kind,
    tap_type,
    line_id,
    stop_name,
    district_code,
    tapped_at,
    due_fen,
    paid_fen,
    _first_batch_id as first_batch_id,
    xxhash64(card_id) as rider,
    hour({{ local_time('tapped_at') }}) as hour,
    case when tap_type = 'bus' then 'bus' else 'metro' end as mode,
    tap_type in ('metro_in', 'bus') as is_boarding,
    tap_type = 'metro_out' as is_exit
from taps
