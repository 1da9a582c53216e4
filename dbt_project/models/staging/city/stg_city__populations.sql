with populations as (
    select * from {{ source('silver', 'city__population') }}
)

select
    as_of_date,
    area_code,
    definition,
    under_15,
    aged_15_59,
    aged_60_up,
    residents,
    _batch_id as batch_id
from populations
