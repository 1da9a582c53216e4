with institutions as (
    select * from {{ source('silver', 'health__institution') }}
)

select
    org_code,
    org_name,
    org_name_en,
    org_level,
    org_type,
    area_code,
    beds_authorised,
    beds_actual,
    coalesce(district_code, substr(area_code, 1, 6)) as district_code
from institutions
