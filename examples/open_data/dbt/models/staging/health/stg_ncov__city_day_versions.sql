select
    report_date,
    province,
    city,
    confirmed,
    cured,
    dead,
    _valid_from as valid_from,
    _valid_to as valid_to,
    _is_current as is_current
from {{ source('open_data', 'health__city_day_history') }}
