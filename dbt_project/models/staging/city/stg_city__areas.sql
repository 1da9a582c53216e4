with areas as (
    select * from {{ source('silver', 'city__area') }}
)

select
    area_code,
    area_name,
    district_code,
    district_name,
    urban_rural_class,
    area_km2,
    households,
    old_housing_pct,
    senior_pct,
    lon,
    lat
from areas
