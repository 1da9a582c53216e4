with resource_years as (
    select * from {{ source('silver', 'health__resource_year') }}
)

select
    as_of_date,
    to_date(date_trunc('year', as_of_date)) as year,
    district_code,
    physicians,
    nurses,
    beds,
    population_used,
    _batch_id as batch_id
from resource_years
