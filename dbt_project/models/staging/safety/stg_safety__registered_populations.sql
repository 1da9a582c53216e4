with registered_populations as (
    select * from {{ source('silver', 'safety__registered_population') }}
)

select
    as_of_date,
    area_code,
    households,
    registered,
    floating,
    present,
    _batch_id as batch_id
from registered_populations
