with cases as (
    select * from {{ source('silver', 'safety__case') }}
)

select
    reported_date,
    case_id,
    case_type,
    cause,
    status,
    area_code,
    coalesce(district_code, substr(area_code, 1, 6)) as district_code,
    to_date({{ local_time('filed_at') }}) as filed_date,
    to_date({{ local_time('cleared_at') }}) as cleared_date,
    to_date({{ local_time('withdrawn_at') }}) as withdrawn_date,
    to_date({{ local_time('updated_at') }}) as updated_date
from cases
