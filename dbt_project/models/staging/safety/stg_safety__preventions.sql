with preventions as (
    select * from {{ source('silver', 'safety__prevention') }}
)

select
    as_of_date,
    area_code,
    activity,
    quantity,
    unit,
    coalesce(district_code, substr(area_code, 1, 6)) as district_code
from preventions
